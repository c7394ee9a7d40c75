"""Which of SendGrid's events keep mail from an address."""

from __future__ import annotations

import pytest

from integrations import redact
from integrations.models import DeliveryEvent, Suppression
from solarium.tests.report_world import (
    ADDRESS,
    event,
    make_mail,
    post_sendgrid,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("webhooks")]


class TestSuppressing:
    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            ({"event": "bounce", "type": "bounce", "reason": "550 5.1.1 unknown user"}, "bounce"),
            ({"event": "bounce", "type": "blocked", "reason": "4.7.1"}, None),
            ({"event": "bounce"}, None),
            ({"event": "dropped", "reason": "Bounced Address"}, "dropped"),
            ({"event": "dropped", "reason": "Spam Reporting Address"}, "dropped"),
            ({"event": "dropped", "reason": "Unsubscribed Address"}, "dropped"),
            ({"event": "dropped", "reason": "Invalid"}, "dropped"),
            ({"event": "dropped", "reason": "Invalid SMTPAPI header"}, None),
            ({"event": "dropped", "reason": "Spam Content"}, None),
            ({"event": "dropped", "reason": "Recipient List over Package Quota"}, None),
            ({"event": "spamreport"}, "spamreport"),
            ({"event": "deferred", "response": "400 try again later"}, None),
            ({"event": "unsubscribe"}, None),
        ],
    )
    @pytest.mark.parametrize("is_ours", [True, False])
    def test_which_events_do(self, client, fields, expected, is_ours):
        if is_ours:
            make_mail()

        post_sendgrid(client, [event(email=ADDRESS.title(), **fields)])

        rows = list(Suppression.objects.all())
        assert [row.kind for row in rows] == ([expected] if expected else [])
        for row in rows:
            assert row.address_fingerprint == redact.fingerprint(ADDRESS)
            assert row.address_masked.lower() == "a***@solarium.example"
            assert DeliveryEvent.objects.count() == 1

    def test_reason_holds_no_address(self, client):
        post_sendgrid(
            client, [event(event="bounce", type="bounce", reason=f"550 <{ADDRESS}>: no such user")]
        )

        assert Suppression.objects.get().reason == "550 <a***@solarium.example>: no such user"

    def test_the_longest_address_fits(self, client):
        longest = "a@" + "d" * 252

        assert post_sendgrid(client, [event(event="spamreport", email=longest)]).status_code == 204

        assert Suppression.objects.get().address_fingerprint == redact.fingerprint(longest)

    def test_once_lifted_an_old_event_does_not_bring_it_back(self, client):
        old = event(event="bounce", type="bounce")
        post_sendgrid(client, [old])
        Suppression.objects.all().delete()

        post_sendgrid(client, [old])
        assert not Suppression.objects.exists()
        post_sendgrid(client, [event(event="bounce", type="bounce")])
        assert Suppression.objects.exists()
