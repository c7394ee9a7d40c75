"""What is put right before Django sees a request."""

from __future__ import annotations

import threading

import pytest
from django.test import RequestFactory

from solarium.wsgi import application

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("charset", ["rot13", "hex", "idna", '"utf-16; x"', "utf-8"])
@pytest.mark.parametrize(
    ("path", "status"),
    [("/auth/me?x=%41", 401), ("/documents?page=%31", 401), ("/healthz?x=%41", 200)],
)
def test_a_charset_of_the_callers_changes_nothing(path, status, charset):
    environ = RequestFactory(headers={"host": "localhost"}).generic("GET", path).environ
    environ["CONTENT_TYPE"] = f"text/plain; charset={charset}"
    answered = []

    application(environ, lambda line, headers: answered.append(line))

    assert int(answered[0].split()[0]) == status


def test_loading_it_here_leaves_no_watch_that_settles_what_tests_made():
    assert "alerts-watch" not in [thread.name for thread in threading.enumerate()]
