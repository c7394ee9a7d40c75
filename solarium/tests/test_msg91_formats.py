"""What MSG91 reports: every format, code and time of it is understood."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.models import DeliveryEvent
from solarium.tests.report_world import (
    IST_IN_UTC,
    MSG91,
    NUMBER,
    REQUEST_ID,
    make_sms,
    post_msg91,
    state,
    v2,
    v3,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("webhooks")]


def new_webhook(**fields):
    """MSG91's new webhook: names of its own, a time with a zone."""
    return {
        "requestId": REQUEST_ID, "telNum": NUMBER, "status": "Delivered",
        "requestedAt": "2026-11-24T04:35:43.000Z", "deliveryTime": "2026-11-24T04:36:20.000Z",
        "failureReason": "", "CRQID": "", "credit": 1, **fields,
    }  # fmt: skip


class TestFormats:
    @pytest.mark.parametrize(
        "body", [v2({}), v3(), [v3()], new_webhook(), v3(number=int(NUMBER), status=1)]
    )
    def test_each_says_delivered(self, client, told, body):
        """S41."""
        call = make_sms()

        answer = post_msg91(client, body)

        assert (answer.status_code, answer.json()["success"]) == (200, True)
        assert answer.json()["correlationId"] == answer["X-Request-ID"]
        assert state(call) == "delivered"
        assert call.delivery_at == IST_IN_UTC
        (row,) = DeliveryEvent.objects.all()
        assert (row.call_id, row.state, row.at) == (call.pk, "delivered", IST_IN_UTC)
        assert (row.recipient_masked, row.reason) == (call.recipient_masked, "")
        ((report,),) = told
        assert (report.provider, report.reference) == ("msg91", call.reference)
        assert (report.state, report.at, report.reason) == ("delivered", IST_IN_UTC, "")

    def test_v2_as_a_form_in_parts(self, client):
        call = make_sms()

        assert client.post(MSG91, v2({})).status_code == 200
        assert state(call) == "delivered"
        for kind in ("multipart/form-data", "multipart/form-data; boundary=x"):
            assert post_msg91(client, b"--x\r\njunk", content_type=kind).status_code == 200

    @pytest.mark.parametrize("charset", ["utf-16", "rot13", "hex", "idna", "undefined", "nothing"])
    def test_whatever_charset_a_form_in_parts_names(self, client, charset):
        call = make_sms()
        part = b'--x\r\nContent-Disposition: form-data; name="data"\r\n\r\n'
        body = part + v2({})["data"].encode() + b"\r\n--x--\r\n"
        kind = f"multipart/form-data; boundary=x; charset={charset}"

        assert client.generic("POST", MSG91, body, content_type=kind).status_code == 200

        assert state(call) == "delivered"

    def test_v4_names_no_message_and_changes_nothing(self, client):
        call = make_sms()
        data = [{"meta": "0", "INMSID": "0", "description": "DELIVERED", "ts": 1726729500}]

        answer = post_msg91(client, [{"data": data, "event": "delivered"}])

        assert (answer.status_code, state(call)) == (200, "")
        assert not DeliveryEvent.objects.exists()

    def test_v2_as_json_and_several_requests_of_one_body(self, client):
        calls = [make_sms(), make_sms(provider_message_id="b" * 24)]
        groups = [
            json.loads(v2({}, request_id=each.provider_message_id)["data"])[0] for each in calls
        ]

        post_msg91(client, groups)

        assert [state(each) for each in calls] == ["delivered", "delivered"]

    @pytest.mark.parametrize(
        ("status", "desc", "expected"),
        [
            ("1", "", "delivered"), ("2", "", "undelivered"), ("9", "", "undelivered"),
            ("16", "", "undelivered"), ("25", "", "undelivered"), ("17", "", "undelivered"),
            (25, "", "undelivered"), (2.0, "", "undelivered"), ("8", "DELIVERED", ""),
            ("26", "", ""), ("26", "FAILED", "undelivered"), ("26", "Delivered", "delivered"),
            ("99", "UNDELIVERED", "undelivered"), ("99", "Not delivered", "undelivered"),
            ("DELIVERED", "", "delivered"), ("Failed", "", "undelivered"),
            ("rejected", "", "undelivered"), ("ndnc", "", "undelivered"),
            ("Blocked", "", "undelivered"), ("submitted", "", ""), ("", "", ""), (None, None, ""),
            (True, {}, ""), ({"a": 1}, [], ""), (float("inf"), "", ""), (10**400, "", ""),
        ],
    )  # fmt: skip
    def test_codes_and_words(self, client, status, desc, expected):
        """S41."""
        call = make_sms()

        assert post_msg91(client, v3(status=status, desc=desc)).status_code == 200

        assert state(call) == expected
        assert DeliveryEvent.objects.get().state == (expected or "underway")

    def test_says_why_without_telling_the_number(self, client, told):
        make_sms()
        reason = f"Failed for +{NUMBER}, operator said no"

        post_msg91(client, v2({"status": "2", "desc": "FAILED", "failedReason": reason}))

        (row,) = DeliveryEvent.objects.all()
        assert (row.kind, row.reason) == ("2", "Failed for ******5678, operator said no")
        assert told[0][0].reason == row.reason

    @pytest.mark.parametrize(
        "date",
        [
            "",
            "soon",
            "2026-13-45 10:00:00",
            "9999-12-31 23:59:59",
            "0001-01-01 00:00:00",
            "\0",
            5,
            [],
            None,
        ],
    )
    def test_junk_for_a_time_means_now(self, client, date):
        call = make_sms()
        before = timezone.now()

        post_msg91(client, v3(date=date))

        assert state(call) == "delivered"
        assert before <= call.delivery_at <= timezone.now()

    def test_never_before_the_call_ended(self, client):
        call = make_sms(at=IST_IN_UTC + timedelta(seconds=30))

        post_msg91(client, v3())

        assert state(call) == "delivered"
        assert call.delivery_at == call.finished_at
