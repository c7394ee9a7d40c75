"""Azure Blob: the SDK's client with our session and keys, and the few calls on blobs.

Read 2026-11-24 in azure-storage-blob 12.31.1 and learn.microsoft.com. The SDK's own retries would
block for over 80 s: they are off, and its HTTP goes through our session, so that an attempt ends by
the wall clock.
"""

from __future__ import annotations

import functools
import hashlib
from base64 import b64decode
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError
from azure.core.pipeline.transport import RequestsTransport
from azure.identity import ManagedIdentityCredential
from azure.storage.blob import BlobServiceClient, ContentSettings

from integrations import conf, defaults, transport
from integrations.clients.azure_errors import PROVIDER, verdict
from integrations.errors import (
    BlobNotFound,
    GatewayMisconfigured,
    GatewayProtocolError,
    GatewayRejected,
)
from integrations.results import BlobContent, BlobProperties, Done, Proof

# The SDK holds what one GET brought three times over; a document of 10 MB takes three GETs.
READ_BYTES = 4 * 1024 * 1024
NO_SUCH_RANGE = 416  # an empty blob has no first byte


@dataclass(frozen=True, kw_only=True)
class AzureBlobClient:
    """One attempt at a time; ``calls`` does the rest."""

    connection_string: str = field(default="", repr=False)
    account_url: str = field(default="", metadata={"setting": "AZURE_STORAGE_ACCOUNT_URL"})
    container: str = defaults.AZURE_STORAGE_CONTAINER
    sas_protocol: str = defaults.AZURE_SAS_PROTOCOL

    provider: ClassVar[str] = PROVIDER

    def __post_init__(self) -> None:
        if not (self.connection_string or self.account_url):
            raise GatewayMisconfigured(
                "AZURE_STORAGE_CONNECTION_STRING or AZURE_STORAGE_ACCOUNT_URL is not set."
            )
        if self.connection_string and not _is_connection_string(self.connection_string):
            raise GatewayMisconfigured(
                "AZURE_STORAGE_CONNECTION_STRING must hold AccountName and AccountKey."
            )
        if self.sas_protocol not in ("https", "https,http"):
            raise GatewayMisconfigured('AZURE_SAS_PROTOCOL must be "https" or "https,http".')

    @property
    def keys(self) -> tuple[str, ...]:
        """The account key of the connection string; none with a managed identity."""
        return _account_keys(self.connection_string)

    def service(self, key: str) -> BlobServiceClient:
        """Return the SDK's client that asks with a key; empty: by the managed identity."""
        return _service(_with_key(self.connection_string, key), self.account_url)

    @property
    def account_name(self) -> str:
        """The storage account's; no secret."""
        usable = self.keys
        return str(self.service(usable[0] if usable else "").account_name)

    def get_properties(self, *, key: str, blob: str) -> BlobProperties:
        """Look at a blob, once.

        Raises:
            BlobNotFound: Nothing was uploaded there.
        """
        with verdict("get_blob_properties"):
            found = self.service(key).get_blob_client(self.container, blob).get_blob_properties()
        if not found.etag:  # every blob has one: somebody else answered
            raise GatewayProtocolError(
                provider=self.provider, operation="get_blob_properties", provider_code="untagged"
            )
        return BlobProperties(
            size=int(found.size),
            content_type=str(found.content_settings.content_type or ""),
            etag=str(found.etag),
        )

    def read(self, *, key: str, blob: str, most_bytes: int) -> BlobContent:
        """Read a blob's first bytes by ranged GETs, once; ``size`` is that of the whole blob.

        Raises:
            BlobNotFound: Nothing was uploaded there.
        """
        there = self.service(key).get_blob_client(self.container, blob)
        with verdict("read_blob"):
            try:
                stream = there.download_blob(offset=0, length=most_bytes)
                content, sha256 = _collect(stream.chunks())
                about = stream.properties
                size = int(str(about.content_range).rpartition("/")[2])
            except HttpResponseError as err:
                if err.status_code != NO_SUCH_RANGE:
                    raise
                content, sha256 = _collect(())
                about, size = there.get_blob_properties(), 0
            except ValueError:
                # The SDK's word for an answer that does not say which bytes it holds.
                raise GatewayProtocolError(
                    provider=self.provider, operation="read_blob", provider_code="unranged"
                ) from None
        return BlobContent(
            content=content,
            sha256=sha256,
            size=size,
            content_type=str(about.content_settings.content_type or ""),
            content_md5=bytes(about.content_settings.content_md5 or b""),
            etag=str(about.etag),
        )

    def upload(
        self, *, key: str, blob: str, content: bytes, content_type: str, replaces: str
    ) -> BlobProperties:
        """Write a blob by one PUT with its MD5, once: a new one, or over the one with that ETag."""
        condition: dict[str, Any] = (
            {"overwrite": True, "etag": replaces, "match_condition": MatchConditions.IfNotModified}
            if replaces
            else {"overwrite": False}
        )
        with verdict("upload_blob"):
            written = (
                self.service(key)
                .get_blob_client(self.container, blob)
                .upload_blob(
                    content,
                    content_settings=ContentSettings(content_type=content_type),
                    validate_content=True,
                    **condition,
                )
            )
        return BlobProperties(
            size=len(content), content_type=content_type, etag=str(written["etag"])
        )

    def delete(self, *, key: str, blob: str) -> Done:
        """Delete a blob, once; one that is not there is fine."""
        try:
            with verdict("delete_blob"):
                self.service(key).get_blob_client(self.container, blob).delete_blob()
        except BlobNotFound:
            pass
        return Done(provider=self.provider)

    def prove(self, *, key: str) -> Proof:
        """Read the container with a key, once; nothing is written.

        Raises:
            AttemptFailed: Timeout, connection error or 5xx.
            GatewayError: The key is refused, or the storage says no otherwise.
        """
        container = self.service(key).get_container_client(self.container)
        try:
            with verdict("prove_key"):
                found = container.get_container_properties()
        except GatewayRejected as refused:
            if refused.provider_code != "ContainerNotFound":
                raise
            return Proof(warnings=(f"The container {self.container} is not there.",))
        if found.public_access:
            return Proof(warnings=(f"The container {self.container} can be read by anybody.",))
        return Proof()


@functools.lru_cache(maxsize=16)
def _is_connection_string(value: str) -> bool:
    parts = _parts(value)
    try:
        return bool(parts["AccountName"] and b64decode(parts["AccountKey"], validate=True))
    except (KeyError, ValueError):
        return False


@functools.lru_cache(maxsize=16)
def _account_keys(connection_string: str) -> tuple[str, ...]:
    parts = _parts(connection_string)
    return (parts["AccountKey"],) if "AccountKey" in parts else ()


def _parts(connection_string: str) -> dict[str, str]:
    return dict(part.partition("=")[::2] for part in connection_string.split(";") if part)


def _with_key(connection_string: str, key: str) -> str:
    """Return the connection string with another key of the same account."""
    parts = connection_string.split(";")
    return ";".join(f"AccountKey={key}" if p.startswith("AccountKey=") else p for p in parts)


@functools.lru_cache(maxsize=16)  # a process meets a new key every few months
def _service(connection_string: str, account_url: str) -> BlobServiceClient:
    """One client per process and key: it is thread-safe and shares our session."""
    options = _options()
    if connection_string:
        return BlobServiceClient.from_connection_string(connection_string, **options)
    # Its own transport would wait for the identity's answer for minutes, and retry.
    identity = ManagedIdentityCredential(**_options())
    return BlobServiceClient(account_url, credential=identity, **options)


def _options() -> dict[str, Any]:
    """Return what makes the SDK ask once, by our session, in the attempt's time."""
    return {
        "transport": RequestsTransport(session=transport.session(), session_owner=False),
        "retry_total": 0,
        "connection_timeout": conf.guard().connect_timeout_seconds,
        "read_timeout": conf.guard().attempt_timeout_seconds,
        "max_single_get_size": READ_BYTES,
        "max_chunk_get_size": READ_BYTES,
    }


def _collect(chunks: Iterable[bytes]) -> tuple[bytes, str]:
    """Return what streams in, and its SHA-256, computed on the way."""
    content, digest = bytearray(), hashlib.sha256()
    for chunk in chunks:
        content += chunk
        digest.update(chunk)
    return bytes(content), digest.hexdigest()
