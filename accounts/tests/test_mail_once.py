"""``Idempotency-Key`` on sendEmail: each account has a space of its own."""

from __future__ import annotations

import pytest

from accounts.models import User
from accounts.roles import App, Role
from api.models import IdempotencyRecord

pytestmark = pytest.mark.django_db

URL = "/integrations/sendEmail"
KEY = "k1"
RESET = {"template": "password_reset", "to": "kam@solarium.example"}
NOTICE = {
    "template": "system_notice",
    "to": "someone@solarium.example",
    "context": {"title": "Downtime", "message": "Tonight.\nTwo hours."},
}


def post(client, body, key=KEY):
    return client.post(URL, body, HTTP_IDEMPOTENCY_KEY=key)


@pytest.mark.parametrize("to", ["kam@solarium.example", "nobody@solarium.example"])
def test_a_reset_is_mailed_once(api_client, kam, mailbox, to):
    first, again = (post(api_client, {**RESET, "to": to}) for _ in range(2))

    assert (first.status_code, again.status_code) == (200, 200)
    assert set(again.json()) == {"success", "correlationId"}
    assert again.json()["correlationId"] != first.json()["correlationId"]
    assert again["Idempotent-Replayed"] == "true"
    assert len(mailbox.bodies()) == 1


def test_a_staff_mail_is_mailed_once(as_user, kam, mailbox):
    client = as_user(kam)

    first, again = post(client, NOTICE), post(client, NOTICE)

    assert again["Idempotent-Replayed"] == "true"
    assert again.json()["messageId"] == first.json()["messageId"] != ""
    assert len(mailbox.bodies()) == 1


def test_a_changed_context_is_another_body(as_user, kam, mailbox):
    client = as_user(kam)
    post(client, NOTICE)

    refused = post(client, {**NOTICE, "context": {**NOTICE["context"], "title": "Other"}})

    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")
    assert len(mailbox.bodies()) == 1


def test_accounts_and_strangers_do_not_meet(api_client, as_user, kam, mailbox):
    admin = User.objects.create_user(role=Role.ADMIN, email="admin@solarium.example")

    answers = [post(as_user(kam), RESET), post(as_user(admin), RESET), post(api_client, RESET)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert not any("Idempotent-Replayed" in answer for answer in answers)
    assert len(mailbox.bodies()) == 3


def test_endpoints_do_not_meet(api_client, kam, mailbox):
    mailbox.msg91_accepts()
    code = {"phone": "+919876543210", "app": "CUSTAP"}

    sent = api_client.post("/integrations/sendOTP", code, HTTP_IDEMPOTENCY_KEY=KEY)

    assert (sent.status_code, post(api_client, RESET).status_code) == (200, 200)


def test_token_and_right_come_before_the_answer(api_client, as_user, kam, mailbox):
    client = as_user(kam)
    post(client, NOTICE)
    customer = User.objects.create_user(role=Role.CUSTOMER, phone="+919876543210")

    assert post(api_client, NOTICE, key="").status_code == 401
    assert post(as_user(customer, App.CUSTAP), NOTICE).status_code == 403
    assert post(as_user(customer, App.CUSTAP), NOTICE, key="").status_code == 400
    assert len(mailbox.bodies()) == 1


@pytest.mark.parametrize("key", ["", "a b", "k" * 129, "ключ"])
def test_a_bad_key_sends_nothing(api_client, as_user, kam, mailbox, key):
    for answer in (post(api_client, RESET, key), post(as_user(kam), NOTICE, key)):
        assert (answer.status_code, answer.json()["code"]) == (400, "validation_error")
        assert [error["field"] for error in answer.json()["errors"]] == ["Idempotency-Key"]
    assert not mailbox.bodies()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({**RESET, "to": "nobody"}, "to"),
        ({**NOTICE, "to": "nobody"}, "to"),
        ({**NOTICE, "context": {"title": "t"}}, "context.message"),
    ],
)
def test_the_form_comes_before_the_key(as_user, kam, body, field):
    """As on sendOTP."""
    answer = post(as_user(kam), body, key="")

    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_a_refused_mail_frees_the_key(as_user, kam, wire):
    client = as_user(kam)
    wire.sendgrid_answers(status=400, json={"errors": [{"message": "no"}]})
    wire.sendgrid_accepts()

    refused, again = post(client, NOTICE), post(client, NOTICE)

    assert (refused.status_code, again.status_code) == (502, 200)
    assert "Idempotent-Replayed" not in again


def test_no_address_is_kept(as_user, kam, mailbox):
    post(as_user(kam), NOTICE)

    row = IdempotencyRecord.objects.values().get()
    assert "someone" not in str(row)
    assert "Downtime" not in str(row)
