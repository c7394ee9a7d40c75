"""`POST /integrations/webhooks/msg91/<token>`: every format, nothing believed that is not ours."""

from __future__ import annotations

import json
import logging
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.gateways import delivery_reported
from integrations.models import DeliveryEvent, GatewayCall
from solarium.tests.admin_rows import make_call
from solarium.tests.report_world import (
    IST_IN_UTC,
    MSG91,
    NUMBER,
    REQUEST_ID,
    TOKEN,
    make_sms,
    post_msg91,
    v2,
    v3,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("webhooks")]


def state(call: GatewayCall) -> str:
    call.refresh_from_db()
    return call.delivery


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


class TestOnlyWhatIsOurs:
    def test_unknown_requests_and_other_numbers_are_ignored(self, client, told):
        """S41."""
        call = make_sms()
        other = make_call(
            at=timezone.now(), recipient="+919800000002", provider_message_id="c" * 24
        )

        for body in (
            v3(requestId="d" * 24),
            v3(number="919800000002"),
            v3(requestId=other.provider_message_id),
            v3(number=""),
            v3(requestId=""),
            v3(requestId=None, CRQID=call.correlation_id),
        ):
            assert post_msg91(client, body).status_code == 200

        assert (state(call), state(other)) == ("", "")
        assert not DeliveryEvent.objects.exists()
        assert told == []

    def test_a_call_without_an_id_is_matched_by_none(self, client):
        call = make_sms(provider_message_id="")

        post_msg91(client, v3(requestId=""))

        assert state(call) == ""

    def test_a_lost_answer_is_settled_by_our_correlation_id(self, client, told):
        call = make_sms(outcome="unknown", failure=True, provider_message_id="")

        post_msg91(client, v3(requestId="e" * 24, CRQID=call.correlation_id))

        assert state(call) == "delivered"
        assert (call.outcome, call.provider_message_id) == ("accepted", "e" * 24)
        assert told[0][0].reference == call.reference

    @pytest.mark.parametrize("fields", [{"number": "919800000002"}, {"CRQID": str(uuid.uuid4())}])
    def test_nor_by_another_number_or_id(self, client, fields):
        call = make_sms(outcome="unknown", provider_message_id="")

        post_msg91(client, {**v3(requestId="e" * 24, CRQID=call.correlation_id), **fields})

        assert state(call) == ""
        assert call.outcome == "unknown"


class TestForwardOnly:
    def test_twice_is_once(self, client, told):
        """S41, S42."""
        make_sms()

        for _ in range(2):
            post_msg91(client, v2({}, {}))
        post_msg91(client, v3())

        assert DeliveryEvent.objects.count() == 1
        assert [len(batch) for batch in told] == [1]

    def test_where_no_code_is_told_the_words_tell_two_reports_apart(self, client):
        call = make_sms()

        for words in ("Submitted", "Delivered"):
            post_msg91(client, v3(status="", desc=words))

        assert state(call) == "delivered"

    @pytest.mark.parametrize("order", [("1", "2"), ("2", "1"), ("1", "8"), ("8", "2", "1")])
    @pytest.mark.parametrize("together", [True, False])
    def test_no_order_moves_a_delivered_one_back(self, client, order, together):
        """S42."""
        call = make_sms()
        reports = [{"status": code, "desc": ""} for code in order]

        for body in [v2(*reports)] if together else [v2(each) for each in reports]:
            post_msg91(client, body)

        assert state(call) == "delivered"
        assert DeliveryEvent.objects.count() == len(order)


class TestAnswers:
    @pytest.mark.parametrize(
        "token", ["wrong", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "ö", "%00", "a b"]
    )
    def test_a_wrong_token_is_404(self, client, token):
        """S41."""
        call = make_sms()

        answer = post_msg91(client, v3(), path=f"/integrations/webhooks/msg91/{token}")

        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert state(call) == ""

    def test_without_a_token_every_path_is_404(self, client, settings):
        settings.MSG91_WEBHOOK_TOKEN = []

        assert post_msg91(client, v3()).status_code == 404
        assert client.post("/integrations/webhooks/msg91/").status_code == 404

    def test_while_it_is_changed_both_are_good(self, client, settings):
        settings.MSG91_WEBHOOK_TOKEN = ["n" * 40, TOKEN]

        paths = [MSG91, f"/integrations/webhooks/msg91/{'n' * 40}"]

        assert [post_msg91(client, v3(), path=path).status_code for path in paths] == [200, 200]

    @pytest.mark.parametrize(
        "body",
        [
            b"", b"<html><body>502</body></html>", b"{", b"null", b"[]", b"5", b'"x"', b"[[[]]]",
            b"\xff\xfe\x00", b"\xef\xbb\xbf{", b"[" * 200_000, b'{"a":' * 100_000,
            b"data=", b"data=%5B%7B", b"data=[1]&data=2", b"a=1&" * 100, b"data=%ff",
            b'[{"requestId": {"a": 1}, "report": "x"}]', b'[{"report": [null, 1, "x", [], {}]}]',
            b'{"requestId": 5, "number": -1}', b'{"requestId": NaN, "number": Infinity}',
            b'{"requestId": "x", "number": ' + b"9" * 5000 + b"}",
        ],
        ids=range(22),
    )  # fmt: skip
    @pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", "x"])
    def test_what_cannot_be_read_is_200(self, client, body, kind):
        answer = post_msg91(client, body, content_type=kind)

        assert (answer.status_code, answer.json()["success"]) == (200, True)
        assert not DeliveryEvent.objects.exists()

    @pytest.mark.parametrize(
        "junk",
        ["\0", "\ud800", "x\0\ud800y", "z" * 50_000, "<script>", {}, [[]], True, 10**400, -0.5],
    )
    @pytest.mark.parametrize(
        "field",
        ["date", "senderId", "CRQID", "status", "desc", "failedReason", "failureReason", "credit"],
    )
    def test_no_value_is_too_strange(self, client, field, junk):
        make_sms()

        answer = post_msg91(client, v3(**{field: junk}))

        assert answer.status_code == 200
        assert DeliveryEvent.objects.count() == 1

    def test_a_number_and_an_id_with_junk_name_nothing(self, client):
        make_sms()

        for fields in ({"number": "\ud800"}, {"number": "٩" * 12}, {"requestId": "x\0" * 300}):
            assert post_msg91(client, v3(**fields)).status_code == 200

        assert not DeliveryEvent.objects.exists()

    def test_methods_and_sizes(self, client):
        assert client.get(MSG91).status_code == 405
        assert client.put(MSG91, b"{}", content_type="application/json").status_code == 405
        large = b'{"a": "' + b"x" * (1024 * 1024) + b'"}'
        assert post_msg91(client, large).status_code == 413
        assert post_msg91(client, large[: 1024 * 1024 - 2] + b'"}').status_code == 200

    def test_of_a_body_with_more_than_1000_the_first_1000_count(self, client):
        """S42."""
        call = make_sms()
        others = [{"requestId": f"{n:024d}"} for n in range(1000)]

        post_msg91(client, v2(*others, {}))
        assert state(call) == ""
        post_msg91(client, v2(*others[1:], {}))
        assert state(call) == "delivered"

    def test_the_token_is_in_no_line(self, client, caplog):
        """S55: it is what proves the sender."""
        with caplog.at_level(logging.DEBUG):
            post_msg91(client, v3())
            post_msg91(client, v3(), path=MSG91 + "x")

        lines = [str({**vars(record), "message": record.getMessage()}) for record in caplog.records]
        assert any("delivery reports" in line for line in lines)
        assert [line for line in lines if TOKEN in line] == []


def test_a_batch_that_an_app_could_not_take_is_told_again(client, told):
    """MSG91 repeats what is not answered with 2xx; kept reports would then count as known."""
    call = make_sms()

    def fail(**_):
        raise RuntimeError("planted")

    delivery_reported.connect(fail)
    try:
        client.raise_request_exception = False
        assert post_msg91(client, v3()).status_code == 500
    finally:
        delivery_reported.disconnect(fail)
    assert (state(call), DeliveryEvent.objects.count()) == ("", 0)

    assert post_msg91(client, v3()).status_code == 200
    assert state(call) == "delivered"
