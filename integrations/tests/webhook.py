"""A receiver of alerts on this machine that answers as it is told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver(ThreadingHTTPServer):
    """Answers ``answers`` in turn, the last one for ever: status, body, seconds of waiting."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[tuple[int, bytes, float]] = [(200, b"ok", 0)]
        self.received: list[dict[str, object]] = []
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.url = f"http://127.0.0.1:{self.server_address[1]}/services/planted-webhook-path"

    def wait_for(self, count: int) -> list[dict[str, object]]:
        """Return what came once there are so many, or what there is after 10 s."""
        ends_at = time.monotonic() + 10
        while len(self.received) < count and time.monotonic() < ends_at:
            time.sleep(0.01)
        return self.received


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        number = len(self.server.received)
        self.server.received.append(body)
        status, text, seconds = self.server.answers[min(number, len(self.server.answers) - 1)]
        time.sleep(seconds)
        self.server.may_answer.wait(10)
        with suppress(ConnectionError):  # who waited too long is gone
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
