"""The sandbox's side of a rehearsal: faults to order, and what arrived."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Any

import requests

from sandbox.local import direct

ANSWER_SECONDS = 10.0
POLL_SECONDS = 0.05
_CODE = re.compile(r"\b[0-9]{6}\b", re.ASCII)


class NotReady(Exception):
    """The rehearsal cannot begin, or not go on; the text is a sentence for people."""


@dataclass(frozen=True, kw_only=True)
class StandIns:
    """The sandbox at ``url``."""

    url: str

    def faults(self) -> dict[str, Any]:
        """Return what ``GET /faults`` says.

        Raises:
            NotReady: Nobody answers there, or somebody else does.
        """
        found = self._ask("GET", "/faults")
        if not isinstance(found.get("providers"), dict):
            raise NotReady(f"What answers at {self.url} is no sandbox.")
        return found

    def order(self, *, provider: str, fault: str) -> None:
        """Order a fault until it is taken back.

        Raises:
            NotReady: The sandbox refuses it.
        """
        self._ask("POST", "/faults", json={"provider": provider, "fault": fault, "count": None})

    def clear(self, *, provider: str) -> None:
        """Take a provider's fault back."""
        self._ask("DELETE", "/faults", params={"provider": provider})

    def messages(self, *, to: str = "") -> list[dict[str, Any]]:
        """Return what arrived, newest first; for everybody where ``to`` is empty."""
        found = self._ask("GET", "/inbox", params={"to": to, "format": "json"})
        return list(found.get("messages", []))

    def wait_for_code(self, *, phone: str, seconds: float) -> str:
        """Return the newest code that came to a phone; empty when none came in time."""
        ends_at = time.monotonic() + seconds
        while True:
            for message in self.messages(to=phone):
                if found := _CODE.search(message["text"]):
                    return found[0]
            if time.monotonic() > ends_at:
                return ""
            time.sleep(POLL_SECONDS)

    def codes(self) -> dict[str, list[str]]:
        """Return the codes that came to each phone, as digits without the plus sign."""
        came: dict[str, list[str]] = {}
        for message in self.messages():
            found = _CODE.search(message["text"]) if message["channel"] == "sms" else None
            if found:
                came.setdefault(message["to"].lstrip("+"), []).append(found[0])
        return came

    def _ask(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        try:
            with direct.session() as session:
                answer = session.request(method, self.url + path, timeout=ANSWER_SECONDS, **more)
            found = answer.json()
        except requests.ConnectionError as err:
            raise NotReady(f"No sandbox answers at {self.url}; bin/run starts one.") from err
        except (requests.RequestException, ValueError) as err:
            raise NotReady(f"What answers at {self.url} is no sandbox.") from err
        if "error" in found:
            raise NotReady(f"The sandbox refuses: {found['error']}.")
        return dict(found)
