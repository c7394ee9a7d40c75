"""Django's own mail functions through the guarded path."""

from __future__ import annotations

import pytest
from django.core.mail import (
    EmailMessage,
    EmailMultiAlternatives,
    get_connection,
    mail_admins,
    send_mail,
    send_mass_mail,
)
from django.utils.translation import gettext_lazy

from integrations import gateways, redact
from integrations.models import GatewayCall

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _backend(settings):
    settings.EMAIL_BACKEND = "integrations.email_backend.SendGridBackend"
    settings.PROVIDER_RETRIES = 0


def recipients(wire):
    return [body["personalizations"][0]["to"] for body in wire.bodies()]


def test_each_recipient_gets_a_mail_of_its_own(wire):
    wire.sendgrid_accepts()

    assert send_mail("Hello", "One\n<two>", None, ["a@solarium.example", "b@solarium.example"]) == 1

    sent = wire.bodies()
    assert recipients(wire) == [
        [{"email": "a@solarium.example"}],
        [{"email": "b@solarium.example"}],
    ]
    assert {part["type"]: part["value"] for part in sent[0]["content"]} == {
        "text/plain": "One\n<two>",
        "text/html": "<p>One<br>&lt;two&gt;</p>",
    }
    assert GatewayCall.objects.filter(operation="send_email", outcome="accepted").count() == 2


def test_mail_admins_goes_to_alert_emails(wire, settings):
    wire.sendgrid_accepts()
    settings.ADMINS = [("ops@solarium.example", "ops@solarium.example")]

    mail_admins("Alert", "text")

    (body,) = wire.bodies()
    assert body["subject"] == "[Solarium] Alert"
    assert body["personalizations"][0]["to"] == [{"email": "ops@solarium.example"}]


def test_html_is_taken_as_it_is(wire):
    wire.sendgrid_accepts()
    message = EmailMultiAlternatives("Hello", "text", None, ["a@solarium.example"])
    message.attach_alternative("<b>text</b>", "text/html")

    message.send()

    assert wire.bodies()[0]["content"][1]["value"] == "<b>text</b>"


def test_a_failure_is_raised_after_the_others_were_tried(wire):
    wire.sendgrid_answers(status=500)
    wire.sendgrid_accepts()
    message = EmailMessage("Hello", "text", None, ["a@solarium.example", "b@solarium.example"])

    with pytest.raises(gateways.GatewayUnavailable):
        message.send()

    assert len(wire.mock.calls) == 2


def test_a_failure_is_silent_where_that_was_asked_for(wire):
    wire.sendgrid_answers(status=500)

    assert send_mail("Hello", "text", None, ["a@solarium.example"], fail_silently=True) == 0


def test_cc_and_bcc_get_a_mail_of_their_own(wire):
    wire.sendgrid_accepts()
    message = EmailMessage(
        "Hello",
        "text",
        None,
        ["Asha <a@solarium.example>"],
        cc=["b@solarium.example", "a@solarium.example"],
        bcc=["c@solarium.example"],
    )

    assert message.send() == 1

    assert recipients(wire) == [[{"email": f"{name}@solarium.example"}] for name in "abc"]
    assert all(len(body["personalizations"]) == 1 for body in wire.bodies())


def test_a_display_name_stays_out_of_the_audit(wire):
    wire.sendgrid_accepts()

    send_mail("Hello", "text", None, ["Asha Rao <asha@solarium.example>"])

    row = GatewayCall.objects.get()
    assert row.recipient_masked == "a***@solarium.example"
    assert row.recipient_fingerprint == redact.fingerprint("asha@solarium.example")


def test_many_messages_over_one_connection(wire):
    wire.sendgrid_accepts()
    messages = [(f"Hello {n}", "text", None, [f"{n}@solarium.example"]) for n in range(3)]

    assert send_mass_mail(messages) == 3
    with get_connection() as connection:
        assert connection.send_messages([EmailMessage(*each) for each in messages]) == 3

    assert [body["subject"] for body in wire.bodies()] == 2 * ["Hello 0", "Hello 1", "Hello 2"]


def test_html_message_of_send_mail(wire):
    wire.sendgrid_accepts()

    send_mail("Hello", "text", None, ["a@solarium.example"], html_message="<b>text</b>")

    assert [part["value"] for part in wire.bodies()[0]["content"]] == ["text", "<b>text</b>"]


def test_lazy_texts_and_the_sender_of_the_channel(wire):
    wire.sendgrid_accepts()

    send_mail(gettext_lazy("Hello\nyou"), gettext_lazy("text"), None, ["a@solarium.example"])

    (body,) = wire.bodies()
    assert body["subject"] == "Hello you"
    assert body["from"] == {"email": "no-reply@solarium.example", "name": "Solarium"}


def test_nobody_to_send_to_is_no_mail(wire):
    with get_connection() as connection:
        assert connection.send_messages([EmailMessage("Hello", "text", None, [])]) == 0

    assert not wire.mock.calls


REFUSED = {
    "attachments": {"attachments": [("a.txt", "content", "text/plain")]},
    "reply_to": {"reply_to": ["sales@solarium.example"]},
    "headers of its own: List-Unsubscribe": {"headers": {"List-Unsubscribe": "<x>"}},
    "from_email": {"from_email": "sales@solarium.example"},
    "wants a text": {"body": " "},
    "no @": {"to": ["nobody"]},
    "one alternative": {"alternatives": [("a,b", "text/csv")]},
    "carries one": {"alternatives": [("<b>", "text/html"), ("<i>", "text/html")]},
}


@pytest.mark.parametrize("said", REFUSED)
@pytest.mark.parametrize("fail_silently", [True, False])
def test_what_would_be_lost_is_refused_and_nothing_half_sent(wire, said, fail_silently):
    fine = EmailMessage("Hello", "text", None, ["a@solarium.example"])
    given = {"body": "text", "to": ["a@solarium.example"], **REFUSED[said]}

    with pytest.raises(ValueError, match=said) as refused:
        get_connection(fail_silently=fail_silently).send_messages(
            [fine, EmailMultiAlternatives("Hello", **given)]
        )

    assert "@solarium.example" not in str(refused.value)
    assert not wire.mock.calls
    assert not GatewayCall.objects.exists()


def test_a_body_of_html_alone_is_refused(wire):
    message = EmailMessage("Hello", "<b>text</b>", None, ["a@solarium.example"])
    message.content_subtype = "html"

    with pytest.raises(ValueError, match="attach the HTML"):
        message.send()
