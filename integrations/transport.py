"""One pooled session per process, and an attempt that ends by the wall clock.

``requests``' timeout is per read: headers dripped a byte at a time hold a call for ever. Here
every socket operation gets only what is left of the attempt, so DNS, connect, TLS, request,
status line, headers and body share one budget (S35).
"""

from __future__ import annotations

import functools
import ipaddress
import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.ssl_ import create_urllib3_context

from integrations.errors import AttemptFailed

POOL_MAX_SIZE = 512  # connections kept per host: one per thread that may call at once
MAX_ANSWER_BYTES = 1024 * 1024  # the providers answer in a few hundred bytes


@dataclass
class _Attempt:
    ends_at: float
    connect_seconds: float
    request_left: bool = False

    def remaining(self) -> float:
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("the attempt's time is over")
        return left


_attempt: ContextVar[_Attempt | None] = ContextVar("attempt", default=None)


class _Bounded:
    """Socket operations that never outlive the attempt under way."""

    def _bound(self, *, sending: bool = False) -> None:
        attempt = _attempt.get()
        if attempt is not None:
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
        attempt = _attempt.get()
        seconds = 3.0 if attempt is None else min(attempt.connect_seconds, attempt.remaining())
        ends_at = time.monotonic() + seconds
        host, port = self._dns_host, self.port  # type: ignore[attr-defined]  # urllib3's
        try:
            addresses = _resolve(host, port, seconds)
        except TimeoutError as err:
            raise ConnectTimeoutError(self, str(err)) from err
        except OSError as err:
            raise NameResolutionError(host, self, err) from err  # type: ignore[arg-type]
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
        raise NewConnectionError(self, "connect failed") from last  # type: ignore[arg-type]


class _HTTPConnection(_Connecting, HTTPConnection):
    pass


class _HTTPSConnection(_Connecting, HTTPSConnection):
    pass


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        context = create_urllib3_context()
        context.sslsocket_class = _BoundedSSLSocket
        super().init_poolmanager(*args, **kwargs, ssl_context=context)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}


@functools.cache
def session() -> requests.Session:
    """Return the process's one session; made at the first call, so after a fork."""
    made = requests.Session()
    made.trust_env = False  # no proxy and no .netrc from the environment; also half the cost
    adapter = _Adapter(pool_connections=8, pool_maxsize=POOL_MAX_SIZE, max_retries=0)
    made.mount("http://", adapter)
    made.mount("https://", adapter)
    return made


@contextmanager
def attempt(*, connect_seconds: float, seconds: float) -> Iterator[_Attempt]:
    """Give what happens inside one wall-clock budget.

    Raises:
        AttemptFailed: Timeout or connection error; ``maybe_accepted`` says whether the request
            had left.
    """
    state = _Attempt(ends_at=time.monotonic() + seconds, connect_seconds=connect_seconds)
    token = _attempt.set(state)
    try:
        yield state
    except requests.ConnectTimeout as err:
        raise AttemptFailed("connect_timeout", maybe_accepted=False) from err
    except (requests.Timeout, TimeoutError) as err:
        raise AttemptFailed("timeout", maybe_accepted=state.request_left) from err
    except (requests.RequestException, OSError) as err:
        late = time.monotonic() >= state.ends_at  # a timeout inside TLS or a body comes as these
        reason = "timeout" if late else "connection_error"
        raise AttemptFailed(reason, maybe_accepted=state.request_left) from err
    finally:
        _attempt.reset(token)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A provider's answer, read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json_object(self) -> dict[str, Any] | None:
        """Return the body as a JSON object, whatever its content type says; else None."""
        try:
            parsed = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return parsed if isinstance(parsed, dict) else None


_ID = re.compile(r"[!-~]{1,128}")
MAX_RETRY_AFTER_SECONDS = 3600
DEFAULT_RETRY_AFTER_SECONDS = 60


def message_id(value: object) -> str:
    """Return a provider's message id, or nothing where it is no id: it stands in our tables."""
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""


def retry_after_seconds(answer: Answer) -> int:
    """Return the seconds that a 429 asks for, within an hour; a minute where it does not say."""
    text = answer.headers.get("Retry-After", "")
    if text.isascii() and text.isdigit() and len(text) < 10:
        return min(int(text), MAX_RETRY_AFTER_SECONDS)
    return DEFAULT_RETRY_AFTER_SECONDS


def post_json(*, url: str, headers: Mapping[str, str], payload: Mapping[str, Any]) -> Answer:
    """POST a JSON body once. No redirect is followed (S37).

    Raises:
        AttemptFailed: 5xx, or a body larger than any provider sends.
    """
    with session().post(
        url,
        json=payload,
        headers={**headers, "Accept": "application/json"},
        timeout=(3.0, 5.0),  # the attempt's own clock is shorter or equal; see _Bounded
        allow_redirects=False,
        stream=True,
    ) as response:
        body = b""
        for chunk in response.iter_content(65536):
            body += chunk
            if len(body) > MAX_ANSWER_BYTES:
                raise AttemptFailed("answer_too_large", maybe_accepted=True)
        if response.status_code >= 500:
            raise AttemptFailed(
                "server_error", maybe_accepted=False, http_status=response.status_code
            )
        return Answer(status=response.status_code, headers=response.headers, body=body)
