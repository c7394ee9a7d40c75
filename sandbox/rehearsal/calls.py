"""One request of a person, what came of it, and how it is made."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any, Literal
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from sandbox.local import direct
from sandbox.rehearsal.expected import Expected

# Longer than anybody may wait: whoever waits so long shows in the figures.
BACKEND_SECONDS = 60.0

Outcome = Literal["ok", "told", "storage", "wrong"]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One kind of request.

    ``provider``: whom the backend asks for it; empty: nobody. ``is_direct``: it goes to the
    storage past the backend. ``fine``: further codes of refusals that are right.
    """

    flow: str
    name: str
    provider: str = ""
    is_direct: bool = False
    fine: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Call:
    """What came of one request; times in seconds since the traffic began.

    ``status`` 0: no answer. ``code``, ``detail``: those of a problem.
    """

    step: Step
    started: float
    ended: float
    status: int
    code: str = ""
    detail: str = ""
    retry_after: str = ""

    @property
    def seconds(self) -> float:
        return self.ended - self.started

    @property
    def is_ok(self) -> bool:
        """Whether it got what it asked for, or a refusal that is right."""
        return 200 <= self.status < 300 or (self.status >= 400 and self.code in self.step.fine)


def outcome(call: Call, *, provider: str, expected: Expected) -> Outcome:
    """Judge one answer: fine, the words of the contract, the storage's own failure, or wrong."""
    if call.is_ok:
        return "ok"
    if call.step.is_direct:
        return "storage" if provider == "azure_blob" and expected.is_noticed else "wrong"
    told = (call.status, call.code, call.detail)
    right = (expected.status, expected.code, expected.detail)
    if call.step.provider != provider or told != right:
        return "wrong"
    return "told" if call.status != 503 or call.retry_after.isdigit() else "wrong"


@dataclass(kw_only=True)
class Record:
    """The calls of all threads, and the clock that they share."""

    began: float = field(default_factory=time.monotonic)
    _calls: list[Call] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def now(self) -> float:
        """Return the seconds since the traffic began."""
        return time.monotonic() - self.began

    def add(self, call: Call) -> None:
        """Keep a call."""
        with self._lock:
            self._calls.append(call)

    def calls(self) -> list[Call]:
        """Return the calls so far, in the order in which they began."""
        with self._lock:
            return sorted(self._calls, key=lambda call: call.started)


class _From(HTTPAdapter):
    """Asks from one address of this machine."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, source_address=(self._address, 0), **kwargs)


@dataclass(frozen=True, kw_only=True)
class Backend:
    """Asks the backend as one person; ``address``: where the person sits, empty: anywhere."""

    url: str
    record: Record
    address: str = ""

    def ask(
        self,
        step: Step,
        method: str,
        path: str,
        *,
        token: str = "",
        body: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Ask once and keep what came of it; return the answer's body, empty when it was no 2xx."""
        started = self.record.now()
        status, answer, retry_after = 0, {}, ""
        with suppress(requests.RequestException, ValueError):
            with direct.session() as session:
                if self.address:
                    session.mount("http://", _From(self.address))
                got = session.request(
                    method,
                    self.url + path,
                    json=body,
                    headers={"Authorization": f"Token {token}"} if token else {},
                    timeout=BACKEND_SECONDS,
                )
            status, retry_after = got.status_code, got.headers.get("Retry-After", "")
            answer = got.json()
        call = Call(
            step=step,
            started=started,
            ended=self.record.now(),
            status=status,
            code=str(answer.get("code", "")),
            detail=str(answer.get("detail", "")),
            retry_after=retry_after,
        )
        self.record.add(call)
        return dict(answer) if 200 <= status < 300 else {}


def ask_storage(
    step: Step,
    method: str,
    url: str,
    *,
    record: Record,
    seconds: float,
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
) -> bytes | None:
    """Put or get a file by a link and keep what came of it; None when that did not work.

    The storage says 201 to what it keeps and 200 to what it gives. Another yes is not its own: a
    file that was put meanwhile is not there.

    Args:
        seconds: By the wall clock: an answer that comes byte by byte ends, too.
    """
    started = record.now()
    status, body = 0, b""
    parts = urlsplit(url)
    line = HTTPConnection(parts.hostname or "", parts.port, timeout=seconds)
    with closing(line), suppress(OSError, HTTPException):
        line.connect()
        with _hung_up_after(line.sock, seconds=seconds):
            line.request(method, f"{parts.path}?{parts.query}", content, dict(headers or {}))
            answer = line.getresponse()
            body = answer.read()
            status = answer.status
    record.add(Call(step=step, started=started, ended=record.now(), status=status))
    return body if status == (201 if method == "PUT" else 200) else None


@contextmanager
def _hung_up_after(line: socket.socket, *, seconds: float) -> Iterator[None]:
    def hang_up() -> None:
        with suppress(OSError):  # it is closed already
            line.shutdown(socket.SHUT_RDWR)

    alarm = threading.Timer(seconds, hang_up)
    alarm.daemon = True  # who stops the rehearsal does not wait for it
    alarm.start()
    try:
        yield
    finally:
        alarm.cancel()
