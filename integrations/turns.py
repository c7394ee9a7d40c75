"""Turns: how many threads of a process work at once; the others stand in line.

Hundreds of threads are there to wait for providers. Were they also to compute at once, each would
wait for the interpreter between every two steps, with a database connection or a slot in its hand
(benchmarks/README.md). So a request works in its turn, and gives it back for as long as it waits
for somebody else. The line is kept: `threading.Semaphore` lets whoever runs slip in before those
that wait, and some of 600 then waited for 7 s while most took one.
"""

from __future__ import annotations

import functools
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from integrations import conf


class _Line:
    """So many turns, handed from one to the next in the order of coming."""

    def __init__(self, turns: int) -> None:
        self._lock = threading.Lock()
        self._free = turns
        self._waiting: deque[threading.Lock] = deque()

    def take(self) -> None:
        """Wait for a turn."""
        with self._lock:
            if self._free:
                self._free -= 1
                return
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        mine.acquire()  # until somebody hands us the turn

    def give(self) -> None:
        """Hand the turn to whoever is next."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1


_line: ContextVar[_Line | None] = ContextVar("line", default=None)


@contextmanager
def turn() -> Iterator[None]:
    """Work as one of few; wait in line until it is ours."""
    line = _line_of(conf.turns())
    line.take()
    token = _line.set(line)
    try:
        yield
    finally:
        _line.reset(token)
        line.give()


@contextmanager
def turn_given_back() -> Iterator[None]:
    """Let another work meanwhile: for what waits, or computes outside of the interpreter.

    Does nothing for who has no turn: a command, a thread of its own.
    """
    line = _line.get()
    if line is None:
        yield
        return
    token = _line.set(None)
    line.give()
    try:
        yield
    finally:
        line.take()
        _line.reset(token)


@functools.cache
def _line_of(turns: int) -> _Line:
    return _Line(turns)
