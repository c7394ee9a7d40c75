"""S35: an attempt ends by the wall clock, in whatever phase the provider dawdles."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from integrations import transport
from integrations.errors import AttemptFailed

BUDGET_SECONDS = 0.6


@pytest.fixture(autouse=True)
def _short(settings):
    settings.PROVIDER_CONNECT_TIMEOUT_SECONDS = 0.3
    settings.PROVIDER_TIMEOUT_SECONDS = BUDGET_SECONDS


@contextmanager
def server(behave: Callable[[socket.socket], None]) -> Iterator[str]:
    """A provider that takes one connection and then does what the test says."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            try:
                connection, _ = listening.accept()
                with connection:
                    connection.recv(65536)
                    behave(connection)
            except OSError:
                pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"


def post(url: str) -> transport.Answer:
    with transport.attempt():
        return transport.post_json(url=url, headers={}, payload={"a": 1})


def drip(prefix: bytes, piece: bytes) -> Callable[[socket.socket], None]:
    def behave(connection: socket.socket) -> None:
        connection.sendall(prefix)
        for _ in range(50):
            connection.sendall(piece)
            time.sleep(0.1)

    return behave


@pytest.mark.parametrize(
    "behave",
    [
        lambda connection: time.sleep(5),
        drip(b"", b"H"),
        drip(b"HTTP/1.1 200 OK\r\n", b"X-Drip: 1\r\n"),
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n", b" "),
    ],
    ids=["silent", "status line", "headers", "body"],
)
def test_ends_on_time_and_may_have_been_accepted(behave):
    with server(behave) as url:
        started = time.monotonic()

        with pytest.raises(AttemptFailed) as caught:
            post(url)

    assert time.monotonic() - started < BUDGET_SECONDS + 1
    assert caught.value.reason == "timeout"
    assert caught.value.maybe_accepted


def test_refused_connection_was_surely_not_accepted():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"

    with pytest.raises(AttemptFailed) as caught:
        post(url)

    assert caught.value.reason == "connection_error"
    assert not caught.value.maybe_accepted


def test_connection_dropped_after_the_request_may_have_been_accepted():
    with server(lambda connection: None) as url, pytest.raises(AttemptFailed) as caught:
        post(url)

    assert caught.value.maybe_accepted


def test_slow_name_resolution_ends_on_time(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: time.sleep(2))
    started = time.monotonic()

    with pytest.raises(AttemptFailed) as caught:
        post("http://provider.example/")

    assert time.monotonic() - started < 1.5
    assert not caught.value.maybe_accepted


def test_redirects_are_not_followed():
    """S37."""

    def redirect(connection: socket.socket) -> None:
        connection.sendall(
            b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
        )

    with server(redirect) as url:
        assert post(url).status == 302


def test_nothing_is_asked_outside_of_an_attempt():
    """Also not by who takes the session itself, as the storage's SDK does."""
    with server(lambda connection: None) as url:
        with pytest.raises(RuntimeError, match="inside transport.attempt only"):
            transport.get(url=url, headers={})
        with pytest.raises(RuntimeError, match="inside transport.attempt only"):
            transport.session().get(url, timeout=1)
