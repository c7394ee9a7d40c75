"""Every line of a request says to which request, route and person it belongs."""

from __future__ import annotations

import io
import json
import logging
import uuid

import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from accounts.testing import authorization
from solarium import logs

pytestmark = pytest.mark.django_db
REQUEST_ID = str(uuid.UUID(int=7))


@pytest.fixture
def lines():
    """Parse what production would print."""
    stream = io.StringIO()
    logs.configure(debug=False)
    logging.getLogger().handlers[0].setStream(stream)
    yield lambda event: [
        line
        for line in map(json.loads, stream.getvalue().splitlines())
        if event in ("", line["event"])
    ]
    logs.configure(debug=True)


@pytest.fixture
def kam():
    return User.objects.create_user(role=Role.KAM, email="kam@solarium.example")


def test_the_line_of_a_request(lines, api_client, kam):
    api_client.credentials(**authorization(kam), HTTP_X_REQUEST_ID=REQUEST_ID)

    api_client.get("/auth/me")

    (line,) = lines("request")
    assert line["ms"] >= 0
    wanted = {
        "correlation_id": REQUEST_ID,
        "user_id": str(kam.pk),
        "route": "auth/me",
        "method": "GET",
        "status": 200,
    }
    assert {name: line[name] for name in wanted} == wanted


def test_lines_on_the_way_name_the_same(lines, api_client, kam, wire):
    wire.sendgrid_answers(status=500)
    api_client.credentials(**authorization(kam), HTTP_X_REQUEST_ID=REQUEST_ID)
    context = {"title": "t", "message": "m"}
    form = {"template": "system_notice", "to": "a@solarium.example", "context": context}

    assert api_client.post("/integrations/sendEmail", form).status_code == 503

    (line,) = lines("gateway call failed")
    assert (line["correlation_id"], line["route"], line["user_id"]) == (
        REQUEST_ID,
        "integrations/sendEmail",
        str(kam.pk),
    )


def test_strangers_have_no_id(lines, api_client):
    api_client.credentials(HTTP_AUTHORIZATION="Token " + "0" * 64)

    api_client.get("/auth/me")
    api_client.get("/nope")

    assert [(line["user_id"], line["route"]) for line in lines("request")] == [
        ("", "auth/me"),
        ("", ""),
    ]


def test_the_admin(lines, client, kam):
    kam.is_staff = True
    kam.save()
    client.force_login(kam)

    client.get("/admin/")
    client.logout()
    client.get("/admin/login/")

    assert [line["user_id"] for line in lines("request")] == [str(kam.pk), ""]


def test_outside_of_a_request(lines):
    logging.getLogger("somewhere").info("alone")

    assert "route" not in lines("alone")[0]


def test_a_fault_of_ours_outside_of_the_api(lines, client, kam, monkeypatch):
    """A page or a middleware that fails leaves its traceback, and tells the browser nothing."""

    def fail(*args, **kwargs):
        raise ZeroDivisionError("for asha.rao@solarium.example")

    monkeypatch.setattr("accounts.reset_page.ResetPageView.get", fail)
    client.raise_request_exception = False

    answer = client.get("/auth/password/reset/a/b")

    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert b"asha" not in answer.content
    (line,) = lines("unhandled exception")
    assert "ZeroDivisionError: for a***@solarium.example" in line["exception"]


@pytest.mark.parametrize(
    ("path", "route"),
    [
        (
            "/auth/password/reset/MQ/planted-token?q=98123+45678",
            "/auth/password/reset/<str:uid>/<str:token>",
        ),
        ("/admin/login/?next=/admin/otp/challenge/%3Fq=98123+45678", "/admin/login/"),
    ],
)
def test_a_form_without_its_token_names_no_path(lines, path, route):
    """Django would print the path, and the request with all that was searched for."""
    Client(enforce_csrf_checks=True).post(path)

    (line,) = (each for each in lines("") if each["logger"] == "django.security.csrf")
    assert line["event"] == f"Forbidden (CSRF cookie not set.): {route}"
    text = json.dumps(line)
    assert "planted" not in text
    assert "98123" not in text
