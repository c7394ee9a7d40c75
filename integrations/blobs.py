"""The calls on a blob, by the guarded path; `gateways` is the door to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from integrations import calls, conf, keys
from integrations.calls import Receipt
from integrations.clients.protocols import BlobClient
from integrations.results import BlobContent, BlobProperties

R = TypeVar("R", bound=Receipt)


def get_blob_properties(*, blob: str, reference: str) -> BlobProperties:
    """
    Look at an uploaded blob.

    Raises:
        BlobNotFound: Nothing was uploaded.
        GatewayUnavailable: Try again shortly.
        GatewayRejected: The storage refuses us; a human must look.
    """
    return _ask(
        "get_blob_properties",
        blob=blob,
        reference=reference,
        attempt=lambda client, key: client.get_properties(key=key, blob=blob),
    )


def delete_blob(*, blob: str, reference: str) -> None:
    """
    Delete a blob; one that is not there is fine.

    Raises:
        GatewayUnavailable: Try again shortly.
        GatewayRejected: The storage refuses us; a human must look.
    """
    _ask(
        "delete_blob",
        blob=blob,
        reference=reference,
        attempt=lambda client, key: client.delete(key=key, blob=blob),
    )


def read_blob(*, blob: str, most_bytes: int, reference: str) -> BlobContent:
    """
    Read a blob, or as much of it as the caller can bear.

    Args:
        blob: Its name inside the container.
        most_bytes: No more than these are asked for; ask for one more than allowed to see that
            there is too much. ``size`` of the answer is that of the whole blob.
        reference: The caller's own id for the audit row; at most 64 characters, no personal data.

    Raises:
        BlobNotFound: Nothing was uploaded.
        GatewayUnavailable: Try again shortly.
        GatewayRejected: The storage refuses us; a human must look.
    """
    return _ask(
        "read_blob",
        blob=blob,
        reference=reference,
        attempt=lambda client, key: client.read(key=key, blob=blob, most_bytes=most_bytes),
    )


def upload_blob(
    *, blob: str, content: bytes, content_type: str, reference: str, replaces: str = ""
) -> BlobProperties:
    """
    Write a blob; the storage checks its MD5. The answer's ``etag`` is that of what was written.

    Args:
        blob: Its name inside the container.
        replaces: The ETag of the blob that this one takes the place of. Without it the blob must
            not be there yet: nothing is overwritten unseen.
        reference: The caller's own id for the audit row; at most 64 characters, no personal data.

    Raises:
        GatewayUnavailable: Try again shortly; see ``maybe_accepted``.
        GatewayRejected: There is another blob than expected, or the storage refuses us.
    """
    return _ask(
        "upload_blob",
        blob=blob,
        reference=reference,
        attempt=lambda client, key: client.upload(
            key=key, blob=blob, content=content, content_type=content_type, replaces=replaces
        ),
    )


def _ask(
    operation: str, *, blob: str, reference: str, attempt: Callable[[BlobClient, str], R]
) -> R:
    """Ask once; the person is asked to try again."""
    client: BlobClient = conf.client("blob")
    return calls.perform(
        provider=client.provider,
        operation=operation,
        recipient=blob,
        reference=reference,
        keys=keys.usable(client),
        attempt=lambda key: attempt(client, key),
        retry=False,
    )
