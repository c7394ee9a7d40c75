"""The servers that ``run_local`` starts; none outlives it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import requests

from sandbox.local import direct

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STOP_SECONDS = 10.0  # granian waits for requests under way
POLL_SECONDS = 0.1
TAIL_LINES = 15


class ChildFailed(Exception):
    """A server ended or did not answer in time; the text holds the end of its log."""


@dataclass(frozen=True, kw_only=True)
class Child:
    """One server, the leader of its process group."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def tail(self) -> str:
        """Return the last lines of its log."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-TAIL_LINES:])


@dataclass(kw_only=True)
class Children:
    """Use as a context manager: leaving it stops every server and whatever it started."""

    cwd: Path
    logs: Path
    running: list[Child] = field(default_factory=list)

    def __enter__(self) -> Self:
        self.logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        err: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # A second Ctrl-C must not leave half of them behind.
        before = {signum: signal.signal(signum, signal.SIG_IGN) for signum in STOP_SIGNALS}
        self.stop()
        for signum, handler in before.items():
            signal.signal(signum, handler)

    def start(self, *, name: str, command: Sequence[str], env: Mapping[str, str]) -> Child:
        """Start a server in a process group of its own; its output goes to a log file.

        Raises:
            ChildFailed: The program is not there.
        """
        log = self.logs / f"{name}.log"
        with log.open("wb") as out:
            try:
                process = subprocess.Popen(
                    command,
                    cwd=self.cwd,
                    env=dict(env),
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,  # Ctrl-C reaches us only; we end them in order
                )
            except OSError as err:
                raise ChildFailed(f"{name} cannot be started: {err.strerror}.") from err
        child = Child(name=name, process=process, log=log)
        self.running.append(child)
        return child

    def wait_until_up(self, child: Child, *, url: str, seconds: float) -> None:
        """Wait until a server answers HTTP with anything below 500.

        Raises:
            ChildFailed: It ended, or the time is over.
        """
        ends_at = time.monotonic() + seconds
        with direct.session() as http:
            while time.monotonic() < ends_at:
                if child.process.poll() is not None:
                    raise ChildFailed(f"{child.name} ended at once:\n{child.tail()}")
                with suppress(requests.RequestException):
                    if http.get(url, timeout=2, allow_redirects=False).status_code < 500:
                        return
                time.sleep(POLL_SECONDS)
        raise ChildFailed(f"{child.name} does not answer after {seconds:.0f} s:\n{child.tail()}")

    def check(self) -> None:
        """Look whether all still live.

        Raises:
            ChildFailed: One ended.
        """
        for child in self.running:
            if child.process.poll() is not None:
                raise ChildFailed(f"{child.name} ended:\n{child.tail()}")

    def stop(self) -> None:
        """End all, the last started first: SIGTERM to each group, then SIGKILL."""
        for child in reversed(self.running):
            _signal_group(child, signal.SIGTERM)
        ends_at = time.monotonic() + STOP_SECONDS
        _wait(lambda: not any(_group_lives(child) for child in self.running), ends_at)
        for child in reversed(self.running):
            _signal_group(child, signal.SIGKILL)
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(timeout=STOP_SECONDS)
        self.running.clear()


def _wait(done: Callable[[], bool], ends_at: float) -> None:
    while not done() and time.monotonic() < ends_at:
        time.sleep(POLL_SECONDS)


def _signal_group(child: Child, signum: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.process.pid, signum)


def _group_lives(child: Child) -> bool:
    child.process.poll()  # reaps the leader, which would count as living
    try:
        os.killpg(child.process.pid, 0)
    except ProcessLookupError:
        return False
    return True
