"""Azure Blob: the few calls on blobs and their container.

Read 2026-11-24 in azure-storage-blob 12.31.1 and learn.microsoft.com.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError
from azure.storage.blob import BlobServiceClient, ContentSettings

from integrations import defaults
from integrations.clients import azure_service
from integrations.clients.azure_errors import PROVIDER, verdict
from integrations.errors import (
    BlobNotFound,
    GatewayMisconfigured,
    GatewayProtocolError,
    GatewayRejected,
)
from integrations.results import BlobContent, BlobProperties, Done, Proof

NO_SUCH_RANGE = 416  # an empty blob has no first byte


@dataclass(frozen=True, kw_only=True)
class ContainerFound:
    """A container as it is; ``is_public``: strangers read its blobs."""

    name: str
    exists: bool
    is_public: bool
    provider_message_id: str = ""

    @property
    def risk(self) -> str:
        """Return what is wrong with it, in a sentence; empty where nothing is."""
        if not self.exists:
            return f"The container {self.name} is not there."
        return f"The container {self.name} can be read by anybody." if self.is_public else ""


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
        if self.connection_string and not azure_service.is_connection_string(
            self.connection_string
        ):
            raise GatewayMisconfigured(
                "AZURE_STORAGE_CONNECTION_STRING must hold AccountName and AccountKey."
            )
        if self.sas_protocol not in ("https", "https,http"):
            raise GatewayMisconfigured('AZURE_SAS_PROTOCOL must be "https" or "https,http".')

    @property
    def keys(self) -> tuple[str, ...]:
        """The account key of the connection string; none with a managed identity."""
        return azure_service.account_keys(self.connection_string)

    def service(self, key: str) -> BlobServiceClient:
        """Return the SDK's client that asks with a key; empty: by the managed identity."""
        return azure_service.service(self.connection_string, self.account_url, key)

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

    def look_at_container(self, *, key: str) -> ContainerFound:
        """Look at the container, once; nothing is written.

        Raises:
            AttemptFailed: Timeout, connection error or 5xx.
            GatewayError: The key is refused, or the storage says no otherwise.
        """
        try:
            with verdict("look_at_container"):
                container = self.service(key).get_container_client(self.container)
                found = container.get_container_properties()
        except GatewayRejected as refused:
            if refused.provider_code != "ContainerNotFound":
                raise
            return ContainerFound(name=self.container, exists=False, is_public=False)
        return ContainerFound(name=self.container, exists=True, is_public=bool(found.public_access))

    def prove(self, *, key: str) -> Proof:
        """Look at the container with a key; raises as `look_at_container`."""
        risk = self.look_at_container(key=key).risk
        return Proof(warnings=(risk,) if risk else ())


def _collect(chunks: Iterable[bytes]) -> tuple[bytes, str]:
    """Return what streams in, and its SHA-256, computed on the way."""
    content, digest = bytearray(), hashlib.sha256()
    for chunk in chunks:
        content += chunk
        digest.update(chunk)
    return bytes(content), digest.hexdigest()
