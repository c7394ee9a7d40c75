"""Load from people: several wrk at once, each user with a pause before every request."""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from harness.load import Load, read_result
from harness.paths import BENCHMARKS, HARNESS

NUMBERS_PER_RUN = 2_000_000  # paced.lua gives each thread a million
TIMEOUT_SECONDS = 30  # the longest request of ours lives 19 s
_runs = itertools.count()


@dataclass(frozen=True, kw_only=True)
class Users:
    """So many users who ask for one thing.

    ``pause_seconds``: the mean pause before each request; 0 asks again at once. ``body``: posted
    when it is not empty; ``PHONE`` in it becomes a number that no run of this process used before.
    """

    count: int
    path: str
    pause_seconds: float
    authorization: str = ""
    body: str = ""


class Running:
    """A load under way."""

    def __init__(self, *, url: str, users: Users, seconds: float) -> None:
        threads = min(2, users.count)
        self._users = users
        self._process = subprocess.Popen(  # noqa: S603  (our own command)
            [  # noqa: S607
                "wrk",
                *("--threads", str(threads), "--connections", str(users.count)),
                *("--duration", f"{max(round(seconds), 1)}s", "--timeout", f"{TIMEOUT_SECONDS}s"),
                *("--script", str(BENCHMARKS / "paced.lua"), url, "--"),
                *("POST" if users.body else "GET", users.path),
                str(round(users.pause_seconds * 1000)),
                *(users.authorization or "-", users.body or "-"),
                str(next(_runs) * NUMBERS_PER_RUN),
            ],
            cwd=HARNESS,  # where report.lua is
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def result(self) -> Load:
        """Wait for the end and return what was measured.

        Raises:
            SystemExit: wrk gave no result; what it said is shown.
        """
        said, _ = self._process.communicate()
        return read_result(said, users=self._users.count)

    def stop(self) -> None:
        """End it early; no result then."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()


@contextmanager
def running(*, url: str, users: Users, seconds: float) -> Iterator[Running]:
    """Start a load; it ends by itself after ``seconds``, or with the block."""
    load = Running(url=url, users=users, seconds=seconds)
    try:
        yield load
    finally:
        load.stop()


def at_once(*, url: str, groups: list[Users], seconds: float) -> list[Load]:
    """Run several groups of users side by side and return what each saw."""
    loads = [Running(url=url, users=users, seconds=seconds) for users in groups]
    try:
        return [load.result() for load in loads]
    finally:
        for load in loads:
            load.stop()
