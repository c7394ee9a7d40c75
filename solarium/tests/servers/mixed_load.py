"""A steady mix of requests to several nodes, paced by the clock; also for benchmarks/rotation.py.

Of ten requests four ask for a code, four check one, one wants a link and one sends a mail.
"""

from __future__ import annotations

import json
import statistics
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any

from sandbox.local.phones import some_phone

from .nodes import Cluster, Node, some_address

CLIENTS = 48
OPERATIONS = ("send", "verify", "send", "sas", "verify", "send", "verify", "mail", "send", "verify")
MAIL = {
    "template": "system_notice",
    "to": "kam@solarium.example",
    "context": {"title": "Notice", "message": "All is well."},
}
SECONDS = 30  # the longest anybody waits for an answer


@dataclass(frozen=True, kw_only=True)
class People:
    """Tokens of who may upload and of who may send mail; empty: such requests are left out."""

    customer: str = ""
    staff: str = ""


@dataclass
class Seen:
    """What came back; ``bad`` holds the first answers that were not 200 and what was lost."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    milliseconds: list[float] = field(default_factory=list)
    late_seconds: float = 0.0
    seconds: float = 0.0
    bad: list[str] = field(default_factory=list)
    links: list[dict[str, Any]] = field(default_factory=list)

    @property
    def count(self) -> int:
        return self.answers.total()

    @property
    def failed(self) -> int:
        return sum(n for (_, status), n in self.answers.items() if status != 200)

    def quantile(self, percent: int) -> float:
        """Return a quantile of the times of answers, in milliseconds."""
        return statistics.quantiles(self.milliseconds, n=100)[percent - 1]


class _Client(threading.Thread):
    """One connection to each node, used for whatever is due next."""

    def __init__(self, load: _Load) -> None:
        super().__init__(daemon=True)
        self.load = load
        self.lines = [
            HTTPConnection("127.0.0.1", node.port, timeout=SECONDS) for node in load.nodes
        ]

    def run(self) -> None:
        while (number := self.load.next_due()) is not None:
            self.load.ask(self.lines[number % len(self.lines)], number)
        for line in self.lines:
            line.close()


class _Load:
    def __init__(
        self, *, cluster: Cluster, nodes: Sequence[Node], people: People, per_second: int
    ) -> None:
        self.cluster, self.nodes, self.people, self.per_second = cluster, nodes, people, per_second
        self.seen = Seen()
        self.over = threading.Event()
        self._lock = threading.Lock()
        self._number = 0
        self._started = time.monotonic()
        self._sent: deque[tuple[str, str]] = deque()  # challenge and phone

    def next_due(self) -> int | None:
        """Wait until a request is due; None when the load is over."""
        with self._lock:
            number = self._number
            self._number += 1
        due = self._started + number / self.per_second
        wait = due - time.monotonic()
        if wait > 0:
            self.over.wait(wait)
        self.seen.late_seconds = max(self.seen.late_seconds, -wait)
        return None if self.over.is_set() else number

    def ask(self, line: HTTPConnection, number: int) -> None:
        operation = OPERATIONS[number % len(OPERATIONS)]
        if operation == "verify" and self._sent:
            challenge, phone = self._sent.popleft()
            body = {"challengeId": challenge, "otp": self.cluster.msg91.code(phone)}
            self._call(line, "verify", "POST", "/integrations/verifyOTP", body)
        elif operation == "sas" and self.people.customer:
            path = "/documents/sas?docType=KYC"
            answer = self._call(line, "sas", "GET", path, token=self.people.customer)
            if answer:
                self.seen.links.append(answer)
        elif operation == "mail" and self.people.staff:
            path = "/integrations/sendEmail"
            self._call(line, "mail", "POST", path, MAIL, token=self.people.staff)
        else:
            body = {"phone": some_phone(), "app": "CUSTAP"}
            answer = self._call(line, "send", "POST", "/integrations/sendOTP", body)
            if answer:
                self._sent.append((answer["challengeId"], body["phone"]))

    def _call(
        self,
        line: HTTPConnection,
        operation: str,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        token: str = "",
    ) -> dict[str, Any] | None:
        headers = {"Content-Type": "application/json", "X-Forwarded-For": some_address()}
        if token:
            headers["Authorization"] = f"Token {token}"
        started = time.monotonic()
        try:
            line.request(method, path, json.dumps(body) if body else None, headers)
            got = line.getresponse()
            status, text = got.status, got.read()
        except (OSError, HTTPException) as err:
            line.close()
            status, text = 0, repr(err).encode()
        self.seen.milliseconds.append((time.monotonic() - started) * 1000)
        self.seen.answers[operation, status] += 1
        if status == 200:
            return dict(json.loads(text))
        if len(self.seen.bad) < 20:
            self.seen.bad.append(f"{operation} {status} {text[:300]!r}")
        return None


@contextmanager
def mixed_load(
    *, cluster: Cluster, nodes: Sequence[Node], people: People, per_second: int
) -> Iterator[Seen]:
    """Keep the load up while the block runs; what it gives is complete after the block."""
    load = _Load(cluster=cluster, nodes=nodes, people=people, per_second=per_second)
    clients = [_Client(load) for _ in range(CLIENTS)]
    started = time.monotonic()
    for client in clients:
        client.start()
    try:
        yield load.seen
    finally:
        load.over.set()
        for client in clients:
            client.join(SECONDS)
        load.seen.seconds = time.monotonic() - started
