"""`POST /integrations/webhooks/sendgrid`: only what is ours, once, forward."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.models import DeliveryEvent
from solarium.tests.report_world import (
    ADDRESS,
    MAIL_ID,
    SENDGRID,
    event,
    make_mail,
    post_sendgrid,
    state,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("webhooks")]


class TestAnswers:
    @pytest.mark.parametrize(
        "body",
        [b"", b"{}", b"null", b"<p>", b"[", b"[" * 100_000, b'"x"', b"5", b'{"a":' * 9999],
    )
    def test_signed_but_no_list_is_400(self, client, body):
        answer = post_sendgrid(client, body)

        assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")

    def test_more_than_1000_is_413(self, client):
        """S42."""
        call = make_mail()

        answer = post_sendgrid(client, [event()] * 1001)

        assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")
        assert state(call) == ""
        assert post_sendgrid(client, [event()] * 1000).status_code == 204

    def test_sizes_and_methods(self, client):
        assert client.get(SENDGRID).status_code == 405
        assert post_sendgrid(client, b"[" + b" " * (1024 * 1024) + b"]").status_code == 413
        assert post_sendgrid(client, b"[" + b" " * 1_000_000 + b"]").status_code == 204

    @pytest.mark.parametrize(
        "junk",
        [
            None,
            1,
            "x",
            [],
            {},
            {"event": "delivered"},
            {"event": ["bounce"]},
            {"event": {}},
            True,
        ],
    )
    def test_junk_between_events_is_left_out(self, client, junk):
        call = make_mail()

        assert post_sendgrid(client, [junk, event(), junk]).status_code == 204

        assert state(call) == "delivered"
        assert DeliveryEvent.objects.count() == 1

    @pytest.mark.parametrize("junk", ["\0", "\ud800", "z" * 50_000, {}, [[]], True, 10**400, None])
    @pytest.mark.parametrize(
        "field",
        [
            "email", "timestamp", "event", "sg_event_id", "sg_message_id", "response", "reason",
            "type", "app_msg_id", "status", "category",
        ],
    )  # fmt: skip
    def test_no_value_is_too_strange(self, client, field, junk):
        make_mail()

        answer = post_sendgrid(
            client, [event(**{"event": "bounce", "type": "bounce", field: junk})]
        )

        assert answer.status_code == 204


class TestMatching:
    def test_by_our_own_id(self, client, told):
        call = make_mail(provider_message_id="")

        post_sendgrid(client, [event(app_msg_id=call.reference)])

        assert state(call) == "delivered"
        assert told[0][0].reference == call.reference

    @pytest.mark.parametrize(
        "ours", [MAIL_ID, f"{MAIL_ID}.filter0001", f"{MAIL_ID}.filter0001.16648.5515E0B88.0"]
    )
    def test_by_what_their_id_begins_with(self, client, ours):
        call = make_mail(provider_message_id=ours)

        post_sendgrid(client, [event()])

        assert state(call) == "delivered"

    def test_not_by_half_a_part_of_it(self, client):
        call = make_mail(provider_message_id=MAIL_ID[:-1])

        post_sendgrid(client, [event(), event(sg_message_id=""), event(sg_message_id="..")])

        assert state(call) == ""

    def test_the_recipient_must_be_ours_in_any_case(self, client):
        call = make_mail()

        post_sendgrid(client, [event(email="other@solarium.example")])
        assert state(call) == ""
        post_sendgrid(client, [event(email=ADDRESS.upper())])
        assert state(call) == "delivered"

    def test_a_lost_answer_is_settled(self, client):
        call = make_mail(outcome="unknown", provider_message_id="")

        post_sendgrid(client, [event(event="processed", app_msg_id=call.reference)])

        assert state(call) == ""
        assert (call.outcome, call.provider_message_id) == ("accepted", MAIL_ID)

    def test_of_mail_that_is_not_ours_nothing_is_kept(self, client, told):
        post_sendgrid(client, [event(), event(event="deferred"), event(event="open")])

        assert not DeliveryEvent.objects.exists()
        assert told == []


class TestForwardOnly:
    def test_twice_is_once(self, client, told):
        """S40."""
        make_mail()
        twice = event()

        post_sendgrid(client, [twice, twice])
        post_sendgrid(client, [twice])

        assert DeliveryEvent.objects.count() == 1
        assert [len(batch) for batch in told] == [1]

    @pytest.mark.parametrize(
        "order", [("delivered", "bounce"), ("bounce", "delivered"), ("delivered", "deferred")]
    )
    def test_no_order_moves_a_delivered_one_back(self, client, order):
        """S42."""
        call = make_mail()

        for name in order:
            post_sendgrid(client, [event(event=name)])

        assert state(call) == "delivered"

    def test_the_time_is_the_events_own(self, client):
        call = make_mail()
        at = timezone.now().replace(microsecond=0) - timedelta(minutes=2)

        post_sendgrid(client, [event(timestamp=int(at.timestamp()))])

        assert state(call) == "delivered"
        assert call.delivery_at == at
