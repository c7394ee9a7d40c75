"""Why a file is refused: the words of the contract (`docs/settings.md`)."""

from __future__ import annotations

TOO_LARGE = "too_large"
TYPE_MISMATCH = "type_mismatch"
MALFORMED = "malformed"
ENCRYPTED = "encrypted"
ACTIVE_CONTENT = "active_content"


class Refused(Exception):
    """The file is not served; ``reason`` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
