"""What a malware scanner says of a file: ClamAV over its socket, where one is set.

The protocol is clamd(8)'s ``INSTREAM``, read 2026-11-24 in Debian's clamav-daemon 1.4.6: chunks of
a four-byte length and as many bytes, then a length of zero; the answer ends with a zero byte and is
``stream: OK``, ``stream: <name> FOUND`` or ``… ERROR``.
"""

from __future__ import annotations

import logging
import socket
import time

from django.conf import settings

from integrations import gateways

logger = logging.getLogger(__name__)

CHUNK_BYTES = 64 * 1024
MOST_ANSWER_BYTES = 1024
CLEAN, FOUND = b"stream: OK", b" FOUND"


class ScannerUnavailable(Exception):
    """The scanner gave no verdict: nothing is served that was not scanned."""


def is_infected(*, content: bytes) -> bool:
    """Ask the scanner of ``CLAMAV_SOCKET``; without one nothing is infected.

    Raises:
        ScannerUnavailable: No verdict within ``SCAN_SECONDS``, or one that is no verdict.
    """
    if not settings.CLAMAV_SOCKET:
        return False
    try:
        with gateways.waiting():
            answer = _ask(content)
    except OSError as err:
        logger.error("file not scanned", extra={"error_class": type(err).__name__})
        raise ScannerUnavailable("no answer") from err
    if answer == CLEAN:
        return False
    if answer.endswith(FOUND):
        return True
    logger.error("file not scanned", extra={"error_class": "NoVerdict"})
    raise ScannerUnavailable("no verdict")


def _ask(content: bytes) -> bytes:
    """Send a file and return the answer without its end; all within one wall-clock budget."""
    ends_at = time.monotonic() + settings.SCAN_SECONDS
    with _connected() as scanner:
        _send(scanner, b"zINSTREAM\0", ends_at)
        for start in range(0, len(content), CHUNK_BYTES):
            chunk = content[start : start + CHUNK_BYTES]
            _send(scanner, len(chunk).to_bytes(4) + chunk, ends_at)
        _send(scanner, bytes(4), ends_at)
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < MOST_ANSWER_BYTES:
            scanner.settimeout(_left(ends_at))
            part = scanner.recv(MOST_ANSWER_BYTES)
            if not part:
                break
            answer += part
    return answer.rstrip(b"\0")


def _connected() -> socket.socket:
    where: str = settings.CLAMAV_SOCKET
    if where.startswith("/"):
        scanner = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            scanner.settimeout(settings.SCAN_CONNECT_SECONDS)
            scanner.connect(where)
        except OSError:
            scanner.close()
            raise
        return scanner
    host, _, port = where.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=settings.SCAN_CONNECT_SECONDS)


def _send(scanner: socket.socket, what: bytes, ends_at: float) -> None:
    scanner.settimeout(_left(ends_at))
    scanner.sendall(what)


def _left(ends_at: float) -> float:
    left = ends_at - time.monotonic()
    if left <= 0:
        raise TimeoutError("the scanner's time is over")
    return left
