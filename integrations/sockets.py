"""Sockets that never outlive the attempt under way, and the adapter that uses them."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from contextvars import ContextVar
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.ssl_ import create_urllib3_context


@dataclass(kw_only=True)
class Attempt:
    """What is left of one attempt's time, and whether its request has begun to leave.

    ``ends_at``: by `time.monotonic`. ``connect_seconds``: for name and connect together.
    """

    ends_at: float
    connect_seconds: float
    request_left: bool = False

    def remaining(self) -> float:
        """Return the seconds that are left.

        Raises:
            TimeoutError: None are.
        """
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("the attempt's time is over")
        return left


current_attempt: ContextVar[Attempt] = ContextVar("attempt")


def under_way() -> Attempt:
    """Return the attempt under way.

    Raises:
        RuntimeError: There is none.
    """
    try:
        return current_attempt.get()
    except LookupError:
        raise RuntimeError("A provider is called inside transport.attempt only.") from None


class _Bounded:
    """Socket operations that never outlive the attempt under way."""

    def _bound(self, *, sending: bool = False) -> None:
        attempt = under_way()
        self.settimeout(attempt.remaining())  # type: ignore[attr-defined]  # a socket mixin
        attempt.request_left = attempt.request_left or sending

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self._bound()
        return super().recv_into(*args, **kwargs)  # type: ignore[misc,no-any-return]  # a socket mixin

    def send(self, *args: Any, **kwargs: Any) -> int:
        self._bound(sending=True)
        return super().send(*args, **kwargs)  # type: ignore[misc,no-any-return]  # a socket mixin

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self._bound(sending=True)
        super().sendall(*args, **kwargs)  # type: ignore[misc]  # a socket mixin


class _BoundedSocket(_Bounded, socket.socket):
    pass


class _BoundedSSLSocket(_Bounded, ssl.SSLSocket):
    pass


def _resolve(host: str, port: int, seconds: float) -> list[Any]:
    """Look a name up within the time; ``getaddrinfo`` itself knows no timeout."""
    try:
        ipaddress.ip_address(host)
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except ValueError:
        pass
    answers: SimpleQueue[Any] = SimpleQueue()

    def look_up() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except OSError as err:
            answers.put(err)

    threading.Thread(target=look_up, daemon=True).start()
    try:
        found = answers.get(timeout=seconds)
    except Empty as err:
        raise TimeoutError("name resolution took too long") from err
    if isinstance(found, OSError):
        raise found
    return list(found)


class _Connecting:
    """``_new_conn`` with one budget for DNS and all addresses together."""

    def _new_conn(self) -> socket.socket:
        attempt = under_way()
        seconds = min(attempt.connect_seconds, attempt.remaining())
        ends_at = time.monotonic() + seconds
        host, port = self._dns_host, self.port  # type: ignore[attr-defined]  # urllib3's
        try:
            addresses = _resolve(host, port, seconds)
        except TimeoutError as err:
            raise ConnectTimeoutError(self, str(err)) from err
        except OSError as err:
            raise NameResolutionError(host, self, err) from err  # type: ignore[arg-type]  # a mixin
        last: OSError = OSError("no address")
        for family, kind, protocol, _, address in addresses:
            left = ends_at - time.monotonic()
            if left <= 0:
                last = TimeoutError("connect took too long")
                break
            bounded = _BoundedSocket(family, kind, protocol)
            try:
                bounded.settimeout(left)
                bounded.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                bounded.connect(address)
            except OSError as err:
                bounded.close()
                last = err
            else:
                bounded.settimeout(max(ends_at - time.monotonic(), 0.001))  # for the TLS handshake
                return bounded
        if isinstance(last, TimeoutError):
            raise ConnectTimeoutError(self, "connect took too long") from last
        raise NewConnectionError(self, "connect failed") from last  # type: ignore[arg-type]  # a mixin


class _HTTPConnection(_Connecting, HTTPConnection):
    pass


class _HTTPSConnection(_Connecting, HTTPSConnection):
    pass


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


class BoundedAdapter(HTTPAdapter):
    """Gives out connections for use inside of `transport.attempt`, and nowhere else."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        context = create_urllib3_context()
        context.sslsocket_class = _BoundedSSLSocket
        super().init_poolmanager(*args, **kwargs, ssl_context=context)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}
