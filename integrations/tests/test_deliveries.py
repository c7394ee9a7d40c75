"""Delivery reports: which call they are about."""

from __future__ import annotations

import json

import pytest
from django.utils import timezone

from integrations import deliveries, gateways
from integrations.models import GatewayCall
from integrations.reports import sendgrid
from integrations.testing import Wire

pytestmark = pytest.mark.django_db
TO = "asha@solarium.example"


def send(wire: Wire, *, message_id: str) -> GatewayCall:
    """Send a mail under a reference that the mail before had, too."""
    wire.sendgrid_answers(status=202, headers={"X-Message-Id": message_id})
    gateways.send_email(
        mail=gateways.OutgoingMail(
            to=TO, subject="s", text="t", html="h", kind="quotation", reference="quotation:17"
        )
    )
    return GatewayCall.objects.get(provider_message_id=message_id)


def test_of_two_mails_with_one_reference_the_one_whose_id_it_names(wire):
    """A reference is the caller's own, and may come again; the provider's id does not."""
    first, second = send(wire, message_id="first"), send(wire, message_id="second")
    event = {
        "event": "bounce",
        "email": TO,
        "sg_event_id": "e1",
        "sg_message_id": "first.filter0001.5515E0B88.0",
        "app_msg_id": "quotation:17",
    }

    reports = sendgrid.parse(json.dumps([event]).encode(), now=timezone.now())
    deliveries.record(provider=sendgrid.PROVIDER, reports=reports)

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.delivery, second.delivery) == ("undelivered", "")
