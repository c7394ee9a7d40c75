"""What ops see meanwhile: breakers and alerts, as ``GET /integrations/status`` tells them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

import requests

from sandbox.local import direct
from sandbox.rehearsal.calls import Record
from sandbox.rehearsal.stand_ins import NotReady

ANSWER_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class Look:
    """One look at the status: breakers by provider, alerts as (provider, kind)."""

    at: float
    breakers: dict[str, str]
    alerts: frozenset[tuple[str, str]]
    states: dict[str, str]


def look(*, url: str, token: str, at: float) -> Look | None:
    """Look once; None when there is no answer."""
    try:
        with direct.session() as session:
            headers = {"Authorization": f"Token {token}"}
            answer = session.get(
                f"{url}/integrations/status", headers=headers, timeout=ANSWER_SECONDS
            )
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
    except (requests.RequestException, ValueError):
        return None
    providers = found["providers"]
    return Look(
        at=at,
        breakers={name: about["breaker"] for name, about in providers.items()},
        alerts=frozenset((alert["provider"], alert["kind"]) for alert in found["alerts"]),
        states={name: about["state"] for name, about in providers.items()},
    )


def check_healthy(*, url: str, token: str) -> None:
    """Make sure that nothing is wrong yet.

    Raises:
        NotReady: Something is; the text says what.
    """
    seen = look(url=url, token=token, at=0.0)
    if seen is None:
        raise NotReady("The backend does not say how the providers do.")
    troubled = [name for name, state in seen.states.items() if state != "ok"]
    troubled += [name for name, _ in seen.alerts]
    if troubled:
        raise NotReady(
            f"{', '.join(sorted(set(troubled)))}: not everything was well in the last minute, or "
            "an alert is open. Wait until it is over; /admin/ shows it."
        )


@dataclass(kw_only=True)
class Watch:
    """Looks again and again in a thread of its own."""

    url: str
    token: str
    record: Record
    every_seconds: float
    _looks: list[Look] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin."""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the look that is under way."""
        self._over.set()
        if self._thread is not None:
            self._thread.join(ANSWER_SECONDS)

    def looks(self) -> list[Look]:
        """Return what was seen so far, oldest first."""
        return list(self._looks)

    def _run(self) -> None:
        while not self._over.wait(self.every_seconds):
            seen = look(url=self.url, token=self.token, at=self.record.now())
            if seen is not None:
                self._looks.append(seen)
