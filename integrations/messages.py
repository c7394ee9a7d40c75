"""What is handed to a provider, as one frozen value that goes through all layers as it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class OutgoingMail:
    """A rendered mail; not to a log: it may hold a reset link.

    ``kind``: the template's name, for the provider's reports; no personal data. ``reference``: the
    caller's own id for the audit row, at most 64 characters, no personal data. ``sandbox``: let the
    provider check the mail and then drop it.
    """

    to: str
    subject: str
    text: str
    html: str
    kind: str
    reference: str
    sandbox: bool = False

    def __repr__(self) -> str:
        return f"OutgoingMail(kind={self.kind!r})"


@dataclass(frozen=True, kw_only=True)
class OutgoingCode:
    """A code on its way to a phone; not to a log.

    ``reference``: the caller's own id for the audit row, at most 64 characters, no personal data.
    ``app``: whose template is used where the provider renders the text; ``text``: the whole SMS for
    a provider that does not. Either may be empty.
    """

    to: str
    code: str
    reference: str
    app: str
    text: str

    def __repr__(self) -> str:
        return f"OutgoingCode(app={self.app!r})"
