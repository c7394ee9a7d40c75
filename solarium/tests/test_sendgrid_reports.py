"""`POST /integrations/webhooks/sendgrid`: only what is signed, once, forward; suppressions."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from integrations import redact
from integrations.models import DeliveryEvent, GatewayCall, Suppression
from solarium.tests.report_world import (
    ADDRESS,
    MAIL_ID,
    SENDGRID,
    event,
    make_mail,
    post_sendgrid,
    sign,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("webhooks")]
SIGNATURE = "HTTP_X_TWILIO_EMAIL_EVENT_WEBHOOK_SIGNATURE"
TIMESTAMP = "HTTP_X_TWILIO_EMAIL_EVENT_WEBHOOK_TIMESTAMP"


def state(call: GatewayCall) -> str:
    call.refresh_from_db()
    return call.delivery


class TestSignature:
    def test_signed_is_204_without_a_body(self, client):
        """S40."""
        call = make_mail()

        answer = post_sendgrid(client, [event()])

        assert (answer.status_code, answer.content) == (204, b"")
        assert state(call) == "delivered"

    def test_trailing_newline_is_signed_too(self, client):
        assert post_sendgrid(client, b"[]\r\n").status_code == 204
        assert post_sendgrid(client, b"[]\r\n", **sign(b"[]")).status_code == 403

    @pytest.mark.parametrize(
        "signature",
        ["", "AAAA", "not base64!", "=", "MEUCIQ", "A" * 5000, "ö", "\u20ac", "<html>", "MAA="],
    )
    def test_a_malformed_signature_is_403(self, client, signature):
        """S40."""
        call = make_mail()

        answer = post_sendgrid(client, [event()], **{SIGNATURE: signature})

        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
        assert state(call) == ""

    @pytest.mark.parametrize("missing", [SIGNATURE, TIMESTAMP])
    def test_a_missing_header_is_403(self, client, missing):
        headers = {name: value for name, value in sign(b"[]").items() if name != missing}

        answer = client.post(SENDGRID, b"[]", content_type="application/json", **headers)

        assert answer.status_code == 403

    @pytest.mark.parametrize(
        "stamp", ["", "soon", "-1", "1e9", "٣", "9" * 400, "1763946000.5", " 1"]
    )
    def test_a_timestamp_that_is_no_number_is_403(self, client, stamp):
        headers = {**sign(b"[]"), TIMESTAMP: stamp}

        assert post_sendgrid(client, b"[]", **headers).status_code == 403

    @pytest.mark.parametrize(
        ("age", "expected"),
        [(0, 204), (86_390, 204), (86_500, 403), (-86_390, 204), (-86_500, 403)],
    )
    def test_within_24_hours_of_our_clock(self, client, age, expected):
        """S40."""
        headers = sign(b"[]", timestamp=str(int(time.time()) - age))

        assert post_sendgrid(client, b"[]", **headers).status_code == expected

    def test_another_body_and_another_key_are_403(self, client, settings):
        headers = sign(b"[]")
        assert post_sendgrid(client, b"[ ]", **headers).status_code == 403
        assert post_sendgrid(client, b"\xff\xfe", **headers).status_code == 403
        settings.SENDGRID_WEBHOOK_PUBLIC_KEY = (
            "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfVhTr+OL0nYcL53qe2g2kSWvJS"
            "EFCxkRLZdHrO83y1wNYTbPqPkeXSEFiESOA8KM5ZvHMuuU4f8oe4TZBtlQ=="
        )
        assert post_sendgrid(client, b"[]").status_code == 403

    def test_without_a_key_there_is_nothing(self, client, settings):
        """S40."""
        settings.SENDGRID_WEBHOOK_PUBLIC_KEY = ""

        answer = post_sendgrid(client, [event()])

        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


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
