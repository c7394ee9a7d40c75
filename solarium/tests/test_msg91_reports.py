"""`POST /integrations/webhooks/msg91/<token>`: nothing believed that is not ours, never back."""

from __future__ import annotations

import logging
import uuid

import pytest
from django.utils import timezone

from integrations.gateways import delivery_reported
from integrations.models import DeliveryEvent
from solarium.tests.admin_rows import make_call
from solarium.tests.report_world import (
    MSG91,
    TOKEN,
    make_sms,
    post_msg91,
    state,
    v2,
    v3,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("webhooks")]


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
