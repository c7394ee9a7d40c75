"""How many SQL statements the hot paths cost, authentication included, as the docs say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.db import connection

from accounts.models import User
from accounts.roles import Role
from accounts.testing import authorization

ON_POSTGRES = "postgres" in connection.vendor
PHONE = "+919876543210"
PAGE = Path(__file__).parents[2] / "docs" / "architecture.md"


def documented(what: str) -> int:
    """Return the number in the table "Few statements" for this database."""
    row = re.search(rf"^\| {re.escape(what)} \| (\d+) \| (\d+) \|$", PAGE.read_text(), re.MULTILINE)
    assert row, what
    return int(row[1] if ON_POSTGRES else row[2])


FIRST = "sendOTP: first of a number's day"


@pytest.fixture
def as_customer(api_client, transactional_db):
    api_client.credentials(**authorization(User.objects.create_user(role=Role.CUSTOMER)))
    return api_client


def send(client) -> str:
    answer = client.post("/integrations/sendOTP", {"phone": PHONE, "app": "CUSTAP"})
    assert answer.status_code == 200
    return answer.json()["challengeId"]


def test_send(api_client, wire, statements):
    wire.msg91_accepts()

    send(api_client)

    assert len(statements) == documented(FIRST), statements


def test_send_again(api_client, wire, statements, settings):
    settings.OTP_COOLDOWN_SECONDS = []
    wire.msg91_accepts()
    send(api_client)
    statements.clear()

    send(api_client)

    assert len(statements) == documented("sendOTP: further"), statements


def test_send_with_a_key_costs_two_more_and_a_replay_two_in_all(api_client, wire, statements):
    wire.msg91_accepts()
    api_client.credentials(HTTP_IDEMPOTENCY_KEY="k1")

    send(api_client)

    assert len(statements) == documented(FIRST) + 2, statements
    statements.clear()

    send(api_client)

    assert len(statements) == 2, statements


@pytest.mark.parametrize("whose", ["known account", "new customer"])
def test_verify(api_client, wire, statements, whose):
    wire.msg91_accepts()
    if whose == "known account":
        User.objects.create_user(role=Role.CUSTOMER, phone=PHONE)
    challenge_id = send(api_client)
    statements.clear()

    answer = api_client.post(
        "/integrations/verifyOTP", {"challengeId": challenge_id, "otp": wire.codes()[-1]}
    )

    assert answer.status_code == 200
    assert len(statements) == documented(f"verifyOTP: {whose}"), statements


def test_sas(as_customer, statements):
    assert as_customer.get("/documents/sas?docType=KYC").status_code == 200

    assert len(statements) == documented("`GET /documents/sas` for an upload"), statements


def test_me(as_customer, statements):
    assert as_customer.get("/auth/me").status_code == 200

    assert len(statements) == documented("`GET /auth/me`"), statements


def test_api_paths_have_no_session(as_customer):
    """Neither session, nor messages, nor the admin's user; pages have them."""
    request = as_customer.get("/auth/me").wsgi_request
    assert not hasattr(request, "session")

    request = as_customer.get("/admin/login/").wsgi_request
    assert hasattr(request, "session")
