from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import User
from accounts.roles import App, Role
from integrations.models import Suppression
from integrations.redact import fingerprint

pytestmark = pytest.mark.django_db

URL = "/integrations/sendEmail"
NOTICE = {
    "template": "system_notice",
    "to": "someone@solarium.example",
    "context": {"title": "Downtime", "message": "Tonight.\nTwo hours."},
}


def ask(client, to="kam@solarium.example", **extra):
    return client.post(URL, {"template": "password_reset", "to": to}, **extra)


def suppress(address):
    Suppression.objects.create(
        address_fingerprint=fingerprint(address), kind="bounce", since=timezone.now()
    )


def without_id(answer):
    return {**answer.json(), "correlationId": ""}


def test_active_staff_get_the_link(api_client, kam, mailbox):
    """S30."""

    answer = ask(api_client, "KAM@solarium.example")
    assert answer.status_code == 200
    assert set(answer.json()) == {"success", "correlationId"}
    (mail,) = mailbox.bodies()
    assert mail["mail_settings"]["sandbox_mode"]["enable"] is False
    assert mail["personalizations"][0]["to"] == [{"email": "kam@solarium.example"}]
    text = next(part["value"] for part in mail["content"] if part["type"] == "text/plain")
    assert "Asha Rao" in text
    first = re.search(r"https?://\S+", text).group()
    assert first in text.splitlines()
    assert first.startswith(settings.PUBLIC_BASE_URL + "/auth/password/reset/")


@pytest.mark.parametrize("who", ["unknown", "disabled", "customer"])
def test_anybody_else_gets_the_same_from_the_sandbox(api_client, kam, mailbox, who):
    """S22."""

    known = ask(api_client)
    to = kam.email
    if who == "unknown":
        to = "nobody@solarium.example"
    elif who == "disabled":
        User.objects.filter(pk=kam.pk).update(is_active=False)
    else:
        User.objects.filter(pk=kam.pk).update(role=Role.CUSTOMER)
    unknown = ask(api_client, to)
    assert unknown.status_code == known.status_code
    assert without_id(unknown) == without_id(known)
    real, dropped = mailbox.bodies()
    assert dropped["mail_settings"]["sandbox_mode"]["enable"] is True
    assert set(real) == set(dropped)


@pytest.mark.parametrize("who", ["kam@solarium.example", "nobody@solarium.example"])
def test_a_suppressed_address_is_like_one_without_an_account(api_client, kam, mailbox, who):
    """S22."""
    known = ask(api_client)
    suppress(who)

    suppressed = ask(api_client, who.upper())

    assert without_id(suppressed) == without_id(known)
    assert suppressed.status_code == 200
    _, dropped = mailbox.bodies()
    assert dropped["mail_settings"]["sandbox_mode"]["enable"] is True


def test_each_address_costs_the_same_statements(api_client, kam, mailbox, statements):
    """S22."""
    suppress("gone@solarium.example")
    User.objects.create_user(role=Role.KAM, email="gone@solarium.example")
    costs = []
    for to in ("nobody@solarium.example", kam.email, "gone@solarium.example", "x@gone.example"):
        statements.clear()
        assert ask(api_client, to).status_code == 200
        costs.append([sql.partition("WHERE")[0] for sql in statements])

    assert costs[1:] == costs[:1] * 3


@pytest.mark.parametrize(("status", "expected"), [(500, 503), (429, 503), (400, 200), (401, 200)])
def test_outage_reveals_nothing(api_client, kam, wire, status, expected):
    """S23."""

    wire.sendgrid_answers(status=status, json={"errors": [{"message": "no"}]})
    known, unknown = ask(api_client), ask(api_client, "nobody@solarium.example")
    assert known.status_code == unknown.status_code == expected
    assert without_id(known) == without_id(unknown)
    if expected == 503:
        assert known.json()["code"] == "email_unavailable"
        assert known.json()["detail"] == "Unable to send email. Please try again."
        assert int(known["Retry-After"]) > 0


@pytest.mark.parametrize("to", ["kam@solarium.example", "nobody@solarium.example"])
def test_limit_per_address(api_client, kam, mailbox, to):
    """S29."""

    for _ in range(settings.RESETS_PER_ADDRESS_HOUR):
        assert ask(api_client, to).status_code == 200
    refused = ask(api_client, to.upper(), REMOTE_ADDR="192.0.2.9")
    assert refused.status_code == 429
    assert refused.json()["code"] == "send_limit_reached"
    assert int(refused["Retry-After"]) > 0


def test_limit_per_ip(api_client, db, mailbox, settings):
    settings.RESETS_PER_IP_HOUR = 2
    answers = [ask(api_client, f"n{i}@solarium.example").status_code for i in range(3)]
    assert answers == [200, 200, 429]


def test_who_is_refused_uses_up_nobodys_limit(api_client, db, mailbox, settings):
    """S29: one address over its limit would lock everybody out, one mailbox a whole office."""
    settings.RESETS_PER_IP_HOUR, settings.RESETS_PER_ADDRESS_HOUR = 2, 2
    for number in range(2):
        assert ask(api_client, f"n{number}@solarium.example").status_code == 200
    for _ in range(2):
        assert ask(api_client, "kam@solarium.example").status_code == 429
    answers = [
        ask(api_client, to, REMOTE_ADDR="192.0.2.9").status_code
        for to in ("kam@solarium.example", "n0@solarium.example", "n0@solarium.example")
    ]
    assert answers == [200, 200, 429]

    answers = [ask(api_client, "n0@solarium.example", REMOTE_ADDR="192.0.2.8") for _ in range(3)]
    assert {each.status_code for each in answers} == {429}
    assert ask(api_client, "new@solarium.example", REMOTE_ADDR="192.0.2.8").status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"template": "nope", "to": "a@b.example"},
        {"template": "password_changed", "to": "a@b.example"},
        {"template": "password_reset"},
        {"template": "password_reset", "to": "no address"},
        {"template": "password_reset", "to": "a@b.example\r\nBcc: c@d.example"},
        {"template": "password_reset", "to": '"a\x7f"@b.example'},
        {"template": "password_reset", "to": ["a@b.example"]},
        {"template": "password_reset", "to": "a@b.example", "context": {}},
        {"template": 7, "to": "a@b.example"},
    ],
)
def test_bad_reset_form(api_client, db, body):
    answer = api_client.post(URL, body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "validation_error"


def test_staff_mail(as_user, kam, mailbox):
    answer = as_user(kam).post(URL, NOTICE)
    assert answer.status_code == 200
    assert answer.json()["messageId"] == "Ua9z9lSTSaqYBWJe_Xfc-Q"
    (mail,) = mailbox.bodies()
    assert mail["subject"] == "Downtime"
    assert mail["mail_settings"]["sandbox_mode"]["enable"] is False


def test_staff_mail_to_a_suppressed_address_is_502(as_user, kam, mailbox):
    suppress(NOTICE["to"])

    answer = as_user(kam).post(URL, {**NOTICE, "to": NOTICE["to"].title()})

    assert (answer.status_code, answer.json()["code"]) == (502, "email_rejected")
    assert mailbox.bodies() == []


def test_staff_mail_needs_staff(api_client, as_user, kam):
    assert api_client.post(URL, NOTICE).status_code == 401
    customer = User.objects.create_user(role=Role.CUSTOMER, phone="+919876543210")
    assert as_user(customer, App.CUSTAP).post(URL, NOTICE).status_code == 403
    assert as_user(kam, App.CPAPP).post(URL, NOTICE).status_code == 403


@pytest.mark.parametrize(
    ("context", "field"),
    [
        ({"title": "x"}, "context.message"),
        ({"title": "x", "message": "y", "link": "z"}, "context.link"),
        ({"title": "x\r\nBcc: a@b.example", "message": "y"}, "context.title"),
        ({"title": 1, "message": "y"}, "context.title"),
        ({"title": "x", "message": {"a": 1}}, "context.message"),
        ("text", "context"),
        (None, "context"),
    ],
)
def test_bad_context(as_user, kam, context, field):
    answer = as_user(kam).post(URL, {**NOTICE, "context": context})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field


@pytest.mark.parametrize(
    ("status", "expected", "code"), [(500, 503, "email_unavailable"), (400, 502, "email_rejected")]
)
def test_staff_mail_verdicts(as_user, kam, wire, status, expected, code):
    wire.sendgrid_answers(status=status, json={"errors": [{"message": "secret words"}]})
    answer = as_user(kam).post(URL, NOTICE)
    assert answer.status_code == expected
    assert answer.json()["code"] == code
    assert answer.json()["detail"] == "Unable to send email. Please try again."
    assert "secret words" not in answer.content.decode()


def test_staff_limit(as_user, kam, mailbox, settings):
    settings.EMAIL_SENDS_PER_USER_HOUR = 1
    client = as_user(kam)
    assert [client.post(URL, NOTICE).status_code for _ in range(2)] == [200, 429]


def test_templates_list(as_user, api_client, kam):
    body = as_user(kam).get("/integrations/emailTemplates").json()
    assert body["templates"] == [
        {"name": "system_notice", "placeholders": ["title", "message"]},
        {"name": "quotation_ready", "placeholders": ["customerName", "quotationNumber", "link"]},
        {"name": "document_rejected", "placeholders": ["customerName", "documentName", "reason"]},
    ]
    assert api_client.get("/integrations/emailTemplates").status_code == 401
