"""A stand-in of MSG91 and the storage on 127.0.0.1 that takes its time: one process, raw asyncio.

    python benchmarks/harness/gateway.py --port 9100 --delay-ms 100

Every POST is answered as ``POST /api/v5/otp`` answers a success, every HEAD as the storage tells of
a blob that is there, after the delay. Told to hang, it takes requests and never answers them; told
a delay again, it answers those that come from then on.

    POST /_bench/delay?ms=100      or ?ms=hang
    GET  /_bench/count             {"received": 17, "answered": 16}
"""

from __future__ import annotations

import argparse
import asyncio
import json
from urllib.parse import parse_qs, urlsplit

BACKLOG = 4096
ETAG = '"0x8D0000000000001"'  # of every blob


class Gateway:
    """How it behaves now, and what it has seen. ``delay_seconds`` None hangs."""

    def __init__(self, *, delay_seconds: float | None) -> None:
        self.delay_seconds = delay_seconds
        self.received = self.answered = 0

    def control(self, target: str) -> bytes:
        """Do what a control URL says and return the counts."""
        parts = urlsplit(target)
        if parts.path == "/_bench/delay":
            told = parse_qs(parts.query).get("ms", ["hang"])[0]
            self.delay_seconds = None if told == "hang" else float(told) / 1000
        return json.dumps({"received": self.received, "answered": self.answered}).encode()


class Connection(asyncio.Protocol):
    """One keep-alive connection; requests are not pipelined."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, separator, body = self.buffer.partition(b"\r\n\r\n")
        if not separator or len(body) < _content_length(head):
            return
        self.buffer = b""
        target = head.split(b" ", 2)[1]
        if target.startswith(b"/_bench/"):
            self._write(self.gateway.control(target.decode()))
            return
        self.gateway.received += 1
        if self.gateway.delay_seconds is not None:
            answer = self._show_blob if head.startswith(b"HEAD ") else self._accept
            asyncio.get_running_loop().call_later(self.gateway.delay_seconds, answer)

    def _show_blob(self) -> None:
        self.gateway.answered += 1
        if not self.transport.is_closing():
            self.transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\nContent-Length: 100000\r\n"
                b"x-ms-blob-type: BlockBlob\r\nETag: %b\r\n\r\n" % ETAG.encode()
            )

    def _accept(self) -> None:
        self.gateway.answered += 1
        number = self.gateway.answered
        self._write(b'{"type":"success","request_id":"bench%015d"}' % number)

    def _write(self, body: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
            )


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


async def serve(*, port: int, delay_seconds: float) -> None:
    """Serve until the process is told to end."""
    gateway = Gateway(delay_seconds=delay_seconds)
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(gateway), "127.0.0.1", port, backlog=BACKLOG
    )
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--delay-ms", type=float, default=100)
    given = parser.parse_args()
    asyncio.run(serve(port=given.port, delay_seconds=given.delay_ms / 1000))
