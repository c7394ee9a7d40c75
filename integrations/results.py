"""What a provider's yes becomes: small frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class SMSReceipt:
    """Accepted, not delivered. ``provider_message_id`` is empty where the provider named none."""

    provider: str
    provider_message_id: str


@dataclass(frozen=True, kw_only=True)
class EmailReceipt:
    """Accepted, not delivered."""

    provider: str
    provider_message_id: str


@dataclass(frozen=True, kw_only=True)
class BlobSAS:
    """A signed link to one blob. ``url`` is a secret until ``expires_at``: never log it."""

    url: str
    expires_at: datetime

    def __repr__(self) -> str:
        return f"BlobSAS(expires_at={self.expires_at.isoformat()})"


@dataclass(frozen=True, kw_only=True)
class BlobProperties:
    """What the storage says of a blob; ``size`` in bytes."""

    size: int
    content_type: str
    etag: str
    provider: str = "azure_blob"
    provider_message_id: str = ""


@dataclass(frozen=True, kw_only=True)
class BlobContent:
    """What stands in a blob: ``content`` as far as asked for, ``size`` in bytes of the whole.

    ``sha256`` is that of ``content``, in hex.

    ``content_md5`` is the digest that the storage keeps; empty where it keeps none.
    """

    content: bytes = field(repr=False)
    sha256: str
    size: int
    content_type: str
    etag: str
    content_md5: bytes = b""
    provider: str = "azure_blob"
    provider_message_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Done:
    """An operation that answers nothing but yes."""

    provider: str
    provider_message_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Proof:
    """The provider takes a key; ``warnings`` are sentences about what it told beside that."""

    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DeliveryReport:
    """What a provider reported about one call.

    ``reference``: the call's own. ``state``: ``"delivered"`` or ``"undelivered"``. ``at``: the
    provider's time, UTC. ``reason``: scrubbed, at most 200 characters, empty where none was given.
    """

    provider: str
    reference: str
    state: str
    at: datetime
    reason: str
