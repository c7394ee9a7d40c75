"""Looking again and again while something else goes on, and how much memory processes use."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def sampled(look: Callable[[], None], *, every_seconds: float) -> Iterator[None]:
    """Look again and again, in a thread of its own, while the block runs."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(every_seconds):
            look()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=5)


def megabytes(pids: Iterable[int]) -> float:
    """Return the proportional set size of processes: what they share counts once.

    Raises:
        OSError: One of them is gone.
    """
    total_kb = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total_kb += int(line.split()[1])
    return total_kb / 1024
