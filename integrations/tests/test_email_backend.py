"""Django's own mail functions through the guarded path."""

from __future__ import annotations

import pytest
from django.core.mail import EmailMessage, EmailMultiAlternatives, mail_admins, send_mail

from integrations import gateways
from integrations.models import GatewayCall

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _backend(settings):
    settings.EMAIL_BACKEND = "integrations.email_backend.SendGridBackend"
    settings.PROVIDER_RETRIES = 0


def test_each_recipient_gets_a_mail_of_its_own(wire):
    wire.sendgrid_accepts()

    assert send_mail("Hello", "One\n<two>", None, ["a@solarium.example", "b@solarium.example"]) == 1

    sent = wire.bodies()
    assert [body["personalizations"][0]["to"] for body in sent] == [
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


def test_attachments_are_refused_rather_than_lost(wire):
    message = EmailMessage("Hello", "text", None, ["a@solarium.example"])
    message.attach("a.txt", "content", "text/plain")

    with pytest.raises(ValueError, match="attachments"):
        message.send()

    assert not wire.mock.calls
