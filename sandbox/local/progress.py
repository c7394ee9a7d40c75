"""One line a step with its time; a long step says that it is still at it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

STILL_SECONDS = 5.0


class StepFailed(Exception):
    """A step did not end as it must; the text says what was expected and what came."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Writes whole lines through ``write``."""

    write: Callable[[str], None]

    def heading(self, text: str) -> None:
        """Begin a group of steps."""
        self.write(f"\n{text}")

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Time what happens inside and say how it went; exceptions pass through."""
        started = time.monotonic()
        over = threading.Event()

        def say_still() -> None:
            while not over.wait(STILL_SECONDS):
                self.write(f"   …  {time.monotonic() - started:6.2f} s  {text}")

        pulse = threading.Thread(target=say_still, daemon=True)
        pulse.start()
        word = "FAIL"
        try:
            yield
            word = "  ok"
        finally:
            over.set()
            pulse.join()
            self.write(f"{word}  {time.monotonic() - started:6.2f} s  {text}")
