"""A file that comes in slowly holds neither a turn nor a connection that others need."""

from __future__ import annotations

import io
import threading

import pytest
from django.test import RequestFactory

from accounts.models import User
from accounts.roles import Role
from accounts.testing import authorization
from integrations import turns
from solarium.wsgi import application

BODY = (
    b'--x\r\nContent-Disposition: form-data; name="docType"\r\n\r\nQUOTATION\r\n'
    b'--x\r\nContent-Disposition: form-data; name="referenceId"\r\n\r\nQ-1\r\n'
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
    + b"%PDF" * 40_000
    + b"\r\n--x--\r\n"
)


class Slow(io.BytesIO):
    """A body during whose reading somebody else looks for a turn."""

    def __init__(self, body: bytes) -> None:
        super().__init__(body)
        self.others_worked = False

    def read(self, size: int | None = -1) -> bytes:
        if not self.others_worked:
            other = threading.Thread(target=self._work, daemon=True)
            other.start()
            other.join(timeout=5)
        return super().read(size)

    def _work(self) -> None:
        with turns.turn():
            self.others_worked = True


@pytest.fixture
def session(transactional_db):
    return authorization(User.objects.create_user(role=Role.KAM))


def ask(session, body, *, chunked):
    environ = RequestFactory().generic(
        "POST", "/documents", CONTENT_TYPE="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(len(body.getvalue())), **session,
    ).environ  # fmt: skip
    environ["wsgi.input"] = body
    if chunked:
        del environ["CONTENT_LENGTH"]
        environ["HTTP_TRANSFER_ENCODING"] = "chunked"
    statuses = []
    b"".join(application(environ, lambda status, headers: statuses.append(status)))
    return statuses


@pytest.mark.parametrize("chunked", [False, True])
def test_others_work_meanwhile(session, monkeypatch, chunked):
    monkeypatch.setattr("integrations.conf.turns", lambda: 1)
    body = Slow(BODY)

    statuses = ask(session, body, chunked=chunked)

    assert body.others_worked
    assert statuses == ["404 Not Found"], "read whole: there is no such reference"


def test_a_chunked_body_of_unknown_size_is_not_held_before_anybody_is_known(session):
    body = io.BytesIO(b"x" * (3 * 1024 * 1024))

    assert ask(session, body, chunked=True) == ["413 Request Entity Too Large"]

    assert body.tell() == 1024 * 1024 + 1
