"""How far long work has come, for whoever watches."""

from __future__ import annotations

from typing import TextIO


class Progress:
    """One line that is written over; nothing at all where nobody watches.

    Args:
        stream: Where to; only a terminal is written to.
        total: How much there is to do, in the same unit as the steps.
    """

    def __init__(self, *, stream: TextIO, label: str, total: int) -> None:
        self._stream = stream
        self._label = label
        self._total = max(total, 1)
        self._done = 0
        self._shown = stream.isatty()

    def advance(self, amount: int) -> None:
        """Add what was done since."""
        self._done += amount
        if self._shown:
            percent = min(100 * self._done // self._total, 100)
            self._stream.write(f"\r{self._label} {percent:3} % {self._done:,}")
            self._stream.flush()

    def close(self) -> None:
        """Wipe the line."""
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
