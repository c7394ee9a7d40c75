"""Watchers for `outage.py`: a few who ask for codes, and one who looks at the breaker."""

from __future__ import annotations

import itertools
import threading
import time
from dataclasses import dataclass, field

import requests

CODE_WATCHERS, CODE_PAUSE_SECONDS = 10, 0.5
STATUS_PAUSE_SECONDS = 0.2
TIMEOUT_SECONDS = 30
_numbers = itertools.count(900_000_000)  # +919 and nine digits, above those of the load


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One answer to sendOTP; ``status`` 0: none came."""

    at: float
    status: int
    milliseconds: float


@dataclass
class Watch:
    """Asks from start to end of the block; times are those of ``time.monotonic``."""

    url: str
    admin: str
    _codes: list[Seen] = field(default_factory=list)
    _breaker: list[tuple[float, str]] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Watch:
        tasks = [self._look_at_breaker] + [self._ask_for_codes] * CODE_WATCHERS
        self._threads = [threading.Thread(target=task, daemon=True) for task in tasks]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(timeout=TIMEOUT_SECONDS)

    def codes(self, *, after: float, before: float) -> list[Seen]:
        """Return the answers to sendOTP that came between two moments."""
        return [seen for seen in list(self._codes) if after <= seen.at < before]

    def first(self, state: str, *, after: float) -> float | None:
        """Return when the breaker was first seen in a state after a moment."""
        return next((at for at, seen in list(self._breaker) if at > after and seen == state), None)

    def wait_for(self, state: str, *, after: float, seconds: float) -> float | None:
        """Wait until the breaker is seen in a state; None when it was not in time."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if found := self.first(state, after=after):
                return found
            time.sleep(STATUS_PAUSE_SECONDS)
        return None

    def _look_at_breaker(self) -> None:
        with requests.Session() as session:
            session.headers["Authorization"] = self.admin
            while not self._over.wait(STATUS_PAUSE_SECONDS):
                try:
                    answer = session.get(f"{self.url}/integrations/status", timeout=TIMEOUT_SECONDS)
                except requests.RequestException:
                    continue
                if answer.status_code == 200:
                    state = answer.json()["providers"]["msg91"]["breaker"]
                    self._breaker.append((time.monotonic(), state))

    def _ask_for_codes(self) -> None:
        with requests.Session() as session:
            while not self._over.wait(CODE_PAUSE_SECONDS):
                body = {"phone": f"+919{next(_numbers)}", "app": "CUSTAP"}
                started = time.monotonic()
                try:
                    status = session.post(
                        f"{self.url}/integrations/sendOTP", json=body, timeout=TIMEOUT_SECONDS
                    ).status_code
                except requests.RequestException:
                    status = 0
                now = time.monotonic()
                took = (now - started) * 1000
                self._codes.append(Seen(at=now, status=status, milliseconds=took))
