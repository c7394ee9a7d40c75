from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from integrations import gateways, transport
from integrations.errors import DuplicateRequest
from integrations.models import GatewayCall, Outcome

PHONE, CODE = "+919800000000", "031459"
pytestmark = pytest.mark.django_db


def send() -> gateways.SMSReceipt:
    return gateways.send_otp(to=PHONE, code=CODE, reference="otp:test")


def the_call() -> GatewayCall:
    return GatewayCall.objects.get()


@contextmanager
def lost_request() -> Iterator[None]:
    """At a faked wire no socket tells that a request has left; say it for every attempt."""
    real = transport.attempt

    @contextmanager
    def attempt():
        with real() as state:
            state.request_left = True
            yield state

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transport, "attempt", attempt)
        yield


class TestSendOTP:
    def test_returns_the_receipt_and_leaves_an_accepted_row(self, wire):
        """S57, in part."""

        wire.msg91_accepts()

        receipt = send()

        assert receipt.provider_message_id == "34676b6d426b303131363537"
        assert the_call().outcome == Outcome.ACCEPTED
        assert the_call().recipient_masked == "+91******0000"

    def test_puts_key_in_its_header_and_phone_and_code_in_the_body(self, wire, settings):
        wire.msg91_accepts()

        send()

        request = wire.mock.calls[0].request
        assert request.headers["authkey"] == settings.MSG91_AUTH_KEY
        assert "Authorization" not in request.headers
        assert CODE not in request.url
        assert "98000" not in request.url
        assert wire.bodies() == [
            {
                "template_id": settings.MSG91_OTP_TEMPLATE_ID,
                "mobile": "919800000000",
                "otp": CODE,
            }
        ]

    def test_sends_the_flow_shape_when_asked(self, wire, settings):
        settings.INTEGRATIONS["sms"]["OPTIONS"]["api"] = "flow"
        wire.mock.post(
            f"{settings.MSG91_BASE_URL}/api/v5/flow",
            json={"message": "5e1e93cad6fc054d8e759a5b", "type": "success"},
        )
        try:
            assert send().provider_message_id == "5e1e93cad6fc054d8e759a5b"
        finally:
            settings.INTEGRATIONS["sms"]["OPTIONS"]["api"] = "otp"

        assert wire.bodies()[0]["recipients"][0]["OTP"] == CODE

    @pytest.mark.parametrize(
        ("answer", "error"),
        [
            ({"json": {"type": "error", "message": "anything"}}, gateways.GatewayRejected),
            (
                {"json": {"type": "error", "message": "Invalid authkey", "code": "201"}},
                gateways.GatewayAuthFailed,
            ),
            (
                {"json": {"type": "error", "message": "IP not whitelisted"}, "status": 418},
                gateways.GatewayAuthFailed,
            ),
            (
                {
                    "json": {"status": "fail", "errors": "Unauthorized", "code": "401"},
                    "status": 401,
                },
                gateways.GatewayAuthFailed,
            ),
            (
                {"json": {"type": "error", "message": "Mobile no. empty or not numeric"}},
                gateways.RecipientRejected,
            ),
            (
                {"json": {"type": "error", "message": "311", "code": 311}},
                DuplicateRequest,
            ),
            ({"body": "<html>hello</html>"}, gateways.GatewayProtocolError),
            ({"json": ["success"]}, gateways.GatewayProtocolError),
            ({"json": {"message": "no verdict"}}, gateways.GatewayProtocolError),
            ({"status": 302, "headers": {"Location": "https://x"}}, gateways.GatewayProtocolError),
        ],
    )
    def test_reads_the_verdict_from_status_and_body_and_does_not_retry(self, wire, answer, error):
        """S36."""

        wire.msg91_answers(**answer)

        with pytest.raises(error) as caught:
            send()

        assert len(wire.mock.calls) == 1
        assert "9800000000" not in str(caught.value)
        assert CODE not in str(caught.value)

    def test_accepts_json_served_as_html(self, wire):
        wire.msg91_answers(body='{"type":"success","message":"abc"}', content_type="text/html")

        assert send().provider_message_id == "abc"

    @pytest.mark.parametrize("sent", ["\x00\x01", "x" * 600, 5, {"a": 1}, "a b"])
    def test_an_id_that_is_no_id_is_not_kept(self, wire, sent):
        wire.msg91_answers(json={"type": "success", "request_id": sent})

        assert send().provider_message_id == ""

    @pytest.mark.parametrize("said", ["123456", "919800000000", "3AbCdEfGh678901", [1], True])
    def test_a_code_that_is_none_of_theirs_is_not_kept(self, wire, said):
        """They might say the code, the number or our key back."""
        wire.msg91_answers(json={"type": "error", "message": "no", "code": said})

        with pytest.raises(gateways.GatewayRejected) as caught:
            send()

        assert (caught.value.provider_code, the_call().provider_code) == ("", "")

    @pytest.mark.parametrize(
        ("sent", "seconds"), [("17", 17), ("9" * 30, 60), ("-1", 60), ("99999", 3600), ("soon", 60)]
    )
    def test_passes_the_retry_after_of_a_429_on(self, wire, sent, seconds):
        wire.msg91_answers(status=429, headers={"Retry-After": sent})

        with pytest.raises(gateways.GatewayThrottled) as caught:
            send()

        assert caught.value.retry_after_seconds == seconds

    def test_retries_5xx_twice_with_the_same_code(self, wire):
        wire.msg91_answers(status=500)
        wire.msg91_answers(status=502, body="<html>")
        wire.msg91_accepts()

        send()

        assert wire.codes() == [CODE] * 3
        assert [attempt["httpStatus"] for attempt in the_call().attempts] == [500, 502, None]

    def test_gives_up_after_the_third_5xx_as_surely_failed(self, wire):
        wire.msg91_answers(status=500)

        with pytest.raises(gateways.GatewayUnavailable) as caught:
            send()

        assert len(wire.mock.calls) == 3
        assert not caught.value.maybe_accepted
        assert the_call().outcome == Outcome.UNAVAILABLE

    def test_treats_311_after_a_lost_answer_as_accepted(self, wire):
        """
        The answer of attempt 1 was lost after the request had left; MSG91 says it has it already.
        """
        wire.msg91_answers(body=requests.ReadTimeout("planted-text"))
        wire.msg91_answers(json={"type": "error", "message": "311", "code": "311"})

        with lost_request():
            assert send().provider_message_id == ""

        assert the_call().outcome == Outcome.ACCEPTED

    @pytest.mark.parametrize(
        "second",
        [
            {"status": 429},
            {"json": {"type": "error", "message": "Mobile no. empty or not numeric"}},
        ],
    )
    def test_a_lost_answer_stays_unknown_whatever_the_retry_was_told(self, wire, second):
        wire.msg91_answers(body=requests.ReadTimeout("planted-text"))
        wire.msg91_answers(**second)

        with lost_request(), pytest.raises(gateways.GatewayError) as caught:
            send()

        assert caught.value.maybe_accepted
        assert the_call().outcome == Outcome.UNKNOWN

    def test_refused_connection_is_surely_not_sent(self, wire):
        wire.msg91_answers(body=requests.ConnectTimeout("planted-text"))

        with pytest.raises(gateways.GatewayUnavailable) as caught:
            send()

        assert not caught.value.maybe_accepted
