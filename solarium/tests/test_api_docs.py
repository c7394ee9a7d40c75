"""Who reads ``/api/docs`` in production, and that a browser then gets the whole of it (S66)."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from accounts.groups import SUPPORT
from accounts.models import User
from accounts.roles import App, Role
from accounts.sessions import issue_token
from solarium.tests.admin_world import enter, make_staff

pytestmark = pytest.mark.django_db
PATHS = ("/api/docs", "/api/schema")


@pytest.fixture(autouse=True)
def _production(settings, monkeypatch):
    settings.DEBUG = False
    monkeypatch.setattr(SchemaGenerator, "parse", lambda *args: {})  # the paths take their time


@pytest.mark.parametrize("group", ["ops", SUPPORT])
def test_the_admins_session_opens_the_page_and_what_it_fetches(client, group):
    enter(client, make_staff(group=group))

    page = client.get("/api/docs")
    (fetched,) = re.findall(r'url: "([^"]+)"', page.content.decode())
    schema = client.get(fetched, HTTP_ACCEPT="application/json")

    assert (page.status_code, page["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert schema.json()["info"]["title"] == "Solarium integrations"


@pytest.mark.parametrize("path", PATHS)
def test_a_session_without_a_second_factor_does_not(client, path):
    client.force_login(make_staff(), backend="django.contrib.auth.backends.ModelBackend")

    assert client.get(path).status_code == 401


@pytest.mark.parametrize("path", PATHS)
def test_a_session_of_who_left_the_staff_does_not(client, path):
    person = make_staff()
    enter(client, person)
    assert client.get(path).status_code == 200

    User.objects.filter(pk=person.pk).update(is_staff=False)

    assert client.get(path).status_code == 401


@pytest.mark.parametrize("path", PATHS)
def test_a_session_from_where_the_admin_is_not_reached_does_not(client, settings, path):
    enter(client, make_staff())

    settings.ADMIN_ALLOWED_NETWORKS = ["203.0.113.0/24"]

    assert client.get(path).status_code == 401


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("role", "app", "status"),
    [
        (Role.ADMIN, App.WEBPRT, 200),
        (Role.KAM, App.WEBPRT, 200),
        (Role.CUSTOMER, App.CUSTAP, 401),
        (Role.CHANNEL_PARTNER, App.CPAPP, 401),
    ],
)
def test_a_token_of_staff_does(client, path, role, app, status):
    user = User.objects.create_user(role=role, email=f"{role}@solarium.example".lower())
    token = issue_token(user=user, app=app, now=timezone.now()).token

    assert client.get(path, HTTP_AUTHORIZATION=f"Token {token}").status_code == status


def test_a_session_opens_nothing_else_of_the_api(client):
    enter(client, make_staff())

    assert client.get("/auth/me").status_code == 401
    assert client.get("/metrics").status_code == 401
    assert client.get("/auth/me").headers.get("Set-Cookie") is None
    assert settings.SESSION_COOKIE_NAME in client.cookies


@pytest.mark.parametrize("path", PATHS)
def test_a_session_reads_and_nothing_more(client, path):
    enter(client, make_staff())

    assert client.post(path).status_code == 405


@pytest.mark.parametrize("path", PATHS)
def test_what_they_could_be_asked_they_do_not_tell(client, path):
    """REST framework would describe the view, for which the page has no template."""
    enter(client, make_staff())

    answer = client.options(path)

    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
