"""The SDK's client with our keys and our session.

Read 2026-11-24 in azure-storage-blob 12.31.1 and learn.microsoft.com. The SDK's own retries would
block for over 80 s: they are off, and its HTTP goes through our session, so that an attempt ends by
the wall clock.
"""

from __future__ import annotations

import functools
from base64 import b64decode
from typing import Any

from azure.core.pipeline.transport import RequestsTransport
from azure.identity import ManagedIdentityCredential
from azure.storage.blob import BlobServiceClient

from integrations import conf, transport

# The SDK holds what one GET brought three times over; a document of 10 MB takes three GETs.
READ_BYTES = 4 * 1024 * 1024


@functools.lru_cache(maxsize=16)
def is_connection_string(value: str) -> bool:
    """Whether it names an account and holds a key."""
    parts = _parts(value)
    try:
        return bool(parts["AccountName"] and b64decode(parts["AccountKey"], validate=True))
    except (KeyError, ValueError):
        return False


@functools.lru_cache(maxsize=16)
def account_keys(connection_string: str) -> tuple[str, ...]:
    """Return the account key of a connection string; none of an empty one."""
    parts = _parts(connection_string)
    return (parts["AccountKey"],) if "AccountKey" in parts else ()


def _parts(connection_string: str) -> dict[str, str]:
    return dict(part.partition("=")[::2] for part in connection_string.split(";") if part)


def service(connection_string: str, account_url: str, key: str) -> BlobServiceClient:
    """Return the SDK's client that asks with a key; without one by the machine's own identity.

    Args:
        connection_string: The account's, with whatever key of it; empty with an identity.
        account_url: The account's blob endpoint; counts where there is no connection string.
    """
    return _service(_with_key(connection_string, key), account_url)


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
