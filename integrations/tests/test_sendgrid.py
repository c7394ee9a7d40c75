from __future__ import annotations

import pytest

from integrations import gateways
from integrations.models import GatewayCall

pytestmark = pytest.mark.django_db


def send(*, sandbox: bool = False) -> gateways.EmailReceipt:
    return gateways.send_email(
        mail=gateways.OutgoingMail(
            to="asha@solarium.example",
            subject="Hello",
            text="text",
            html="<p>html</p>",
            kind="system_notice",
            reference="mail:test",
            sandbox=sandbox,
        )
    )


class TestSendEmail:
    def test_tracks_nothing_and_names_no_person_in_custom_args(self, wire):
        """S31: a rewritten link would hand a reset token to strangers."""
        wire.sendgrid_accepts()

        assert send().provider_message_id == "Ua9z9lSTSaqYBWJe_Xfc-Q"

        (body,) = wire.bodies()
        assert body["tracking_settings"] == {
            "click_tracking": {"enable": False, "enable_text": False},
            "open_tracking": {"enable": False},
            "subscription_tracking": {"enable": False},
            "ganalytics": {"enable": False},
        }
        assert body["personalizations"][0]["custom_args"]["app_msg_id"] == "mail:test"
        assert "asha" not in str(body["personalizations"][0]["custom_args"])
        assert [part["type"] for part in body["content"]] == ["text/plain", "text/html"]

    def test_key_goes_into_the_bearer_header(self, wire, settings):
        wire.sendgrid_accepts()

        send()

        headers = wire.mock.calls[0].request.headers
        assert headers["Authorization"] == f"Bearer {settings.SENDGRID_API_KEY}"

    def test_sandbox_mode_is_a_real_boolean_and_200_is_yes(self, wire):
        wire.sendgrid_answers(status=200)

        send(sandbox=True)

        assert wire.bodies()[0]["mail_settings"]["sandbox_mode"] == {"enable": True}

    @pytest.mark.parametrize(
        ("answer", "error"),
        [
            ({"status": 401, "json": {"errors": [{"message": "bad"}]}}, gateways.GatewayAuthFailed),
            (
                {"status": 401, "json": {"errors": [{"message": "Maximum credits exceeded"}]}},
                gateways.GatewayRejected,
            ),
            ({"status": 403, "json": {"errors": []}}, gateways.GatewayAuthFailed),
            (
                {
                    "status": 400,
                    "json": {"errors": [{"field": "personalizations.0.to.0.email"}]},
                },
                gateways.RecipientRejected,
            ),
            ({"status": 413, "json": {"errors": []}}, gateways.GatewayRejected),
            ({"status": 200, "body": "<html>"}, gateways.GatewayProtocolError),
        ],
    )
    def test_reads_the_verdict_and_does_not_retry(self, wire, answer, error):
        wire.sendgrid_answers(**answer)

        with pytest.raises(error):
            send()

        assert len(wire.mock.calls) == 1

    @pytest.mark.parametrize("reset", ["9" * 5000, "9" * 30, "0", "soon"])
    def test_a_reset_that_is_no_time_means_a_minute(self, wire, reset):
        wire.sendgrid_answers(status=429, headers={"X-RateLimit-Reset": reset})

        with pytest.raises(gateways.GatewayThrottled) as caught:
            send()

        assert caught.value.retry_after_seconds == 60

    def test_retries_5xx_twice(self, wire):
        wire.sendgrid_answers(status=503)

        with pytest.raises(gateways.GatewayUnavailable):
            send()

        assert len(wire.mock.calls) == 3
        assert GatewayCall.objects.get().recipient_masked == "a***@solarium.example"
