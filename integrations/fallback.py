"""The key that a call asks with, and the one it falls back to where the provider refuses it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from integrations import redact
from integrations.errors import GatewayAuthFailed

logger = logging.getLogger(__name__)

R = TypeVar("R")

# In an attempt's record: the fingerprint of a key that was refused.
REFUSED_KEY: Final = "refusedKey"


class CallKeys:
    """The keys of one call. ``current`` asked last or asks next; empty where none is needed.

    ``refusal``: what the provider said to the key before it; None where there is none.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self.current, *self._fallbacks = keys or ("",)
        self.refusal: GatewayAuthFailed | None = None
        self._refused = ""

    def ask(self, attempt: Callable[[str], R]) -> R:
        """Ask; where the key is refused, once more with the one beside it, in the same time.

        A retry then begins with the key that was not refused.

        Raises:
            GatewayAuthFailed: The last key is refused, too.
        """
        try:
            return attempt(self.current)
        except GatewayAuthFailed as refusal:
            if not self._fallbacks:
                raise
            self.refusal = refusal
            self._refused = redact.key_fingerprint(self.current)
            self.current = self._fallbacks.pop(0)
            logger.error(
                "provider refused the key in use; its fallback asks instead",
                extra={
                    "provider": refusal.provider,
                    "operation": refusal.operation,
                    "key_fingerprint": self._refused,
                    "fallback_fingerprint": redact.key_fingerprint(self.current),
                },
            )
            return attempt(self.current)

    def note(self) -> dict[str, str]:
        """Return what the attempt's record says about a refused key; nothing where none was."""
        refused, self._refused = self._refused, ""
        return {REFUSED_KEY: refused} if refused else {}
