"""Where alerts go: log, webhook, mail; never in a request's way."""

from __future__ import annotations

import logging
import threading

import pytest
from django.core import mail

from integrations import alert_sinks, gateways
from integrations.checks import check_channels
from integrations.models import Alert
from integrations.testing import set_option
from integrations.tests.webhook import receiver

pytestmark = pytest.mark.slow

TEXT = "msg91 is failing: more than 10 calls failed within a minute (timeout)."


@pytest.fixture
def webhook(settings, monkeypatch):
    monkeypatch.setattr(alert_sinks, "WEBHOOK_WAITS_SECONDS", (0.01, 0.01, 0.01))
    with receiver() as server:
        settings.ALERT_WEBHOOK_URL = server.url
        yield server
        alert_sinks.flush(seconds=10)


def tell(provider: str = "msg91") -> None:
    alert_sinks.tell(provider=provider, kind="failures", state="raised", text=TEXT)


def test_the_webhook_gets_one_json_object(webhook):
    tell()

    assert webhook.wait_for(1) == [{"text": TEXT}]
    alert_sinks.flush(seconds=10)
    assert len(webhook.received) == 1


@pytest.mark.parametrize(
    "bad",
    [(500, b"", 0), (404, b"no such hook", 0), (200, b"<html>a proxy's page</html>", 0)],
)
def test_what_was_not_taken_is_posted_again(webhook, bad):
    webhook.answers = [bad, bad, (200, b"ok", 0)]

    tell()

    assert len(webhook.wait_for(3)) == 3
    alert_sinks.flush(seconds=10)
    assert len(webhook.received) == 3


def test_an_answer_that_takes_too_long_is_given_up(webhook, settings):
    settings.PROVIDER_TIMEOUT_SECONDS = 0.2
    webhook.answers = [(200, b"ok", 5), (200, b"ok", 0)]

    tell()

    assert len(webhook.wait_for(2)) == 2


def test_a_redirect_is_not_followed(webhook):
    webhook.answers = [(302, b"", 0)]

    tell()
    alert_sinks.flush(seconds=10)

    assert len(webhook.received) == 4


def test_given_up_after_three_retries_and_the_next_one_goes_out(webhook, caplog):
    webhook.answers = [*[(500, b"", 0)] * 4, (200, b"ok", 0)]

    tell()
    tell()
    alert_sinks.flush(seconds=10)

    assert len(webhook.received) == 5
    lines = [r for r in caplog.records if r.getMessage() == "alert not delivered"]
    assert [(r.sink, r.reason) for r in lines] == [("webhook", "server_error")]
    assert "planted-webhook-path" not in str([vars(record) for record in caplog.records])


@pytest.mark.django_db(transaction=True)
def test_a_webhook_that_hangs_delays_no_request(webhook, wire, api_client):
    webhook.may_answer.clear()
    wire.mock.add_passthru("http://127.0.0.1")
    wire.msg91_answers(status=401, json={"type": "error", "message": "Invalid authkey"})

    answer = api_client.post("/integrations/sendOTP", {"phone": "+919876543210", "app": "CUSTAP"})

    assert answer.status_code == 502
    assert Alert.objects.get().notified_at is not None
    assert not alert_sinks._webhook.is_done()
    webhook.may_answer.set()
    assert webhook.wait_for(1)


def test_more_than_the_queue_holds_is_dropped_and_logged(webhook, caplog):
    webhook.answers = [(200, b"ok", 0.5), (200, b"ok", 0)]

    for _ in range(alert_sinks.QUEUE_SIZE + 2):
        tell()

    assert "alert dropped, too many wait" in caplog.text
    alert_sinks.flush(seconds=10)


def test_nothing_is_posted_without_a_url(webhook, settings):
    settings.ALERT_WEBHOOK_URL = ""

    tell()
    alert_sinks.flush(seconds=10)

    assert not webhook.received


def test_the_log_line_is_critical(caplog):
    tell()

    line = next(r for r in caplog.records if r.getMessage() == "provider alert")
    assert line.levelno == logging.CRITICAL
    assert (line.provider, line.alert_kind, line.alert_state) == ("msg91", "failures", "raised")
    assert line.text == TEXT


@pytest.mark.parametrize(("provider", "mails"), [("msg91", 1), ("azure_blob", 1), ("sendgrid", 0)])
def test_mail_goes_to_ops_unless_mail_is_what_fails(settings, provider, mails):
    settings.ADMINS = [("ops@solarium.example", "ops@solarium.example")]

    tell(provider)
    alert_sinks.flush(seconds=10)

    assert len(mail.outbox) == mails
    for sent in mail.outbox:
        assert sent.to == ["ops@solarium.example"]
        assert sent.subject == f"[Solarium] Alert raised: {provider}"
        assert sent.body == TEXT


@pytest.mark.django_db(transaction=True)
def test_mail_takes_the_guarded_path_under_the_request_s_id(settings, wire):
    """And a mail that fails harms nobody."""
    from integrations.models import GatewayCall

    settings.ADMINS = [("ops@solarium.example", "ops@solarium.example")]
    settings.EMAIL_BACKEND = "integrations.email_backend.SendGridBackend"
    settings.PROVIDER_RETRIES = 0
    wire.sendgrid_answers(status=500)
    wire.sendgrid_accepts()
    gateways.bind_correlation_id("11111111-1111-4111-8111-111111111111")
    try:
        tell()
        tell()
    finally:
        gateways.bind_correlation_id("")
    alert_sinks.flush(seconds=10)

    calls = GatewayCall.objects.order_by("started_at")
    assert [call.outcome for call in calls] == ["unavailable", "accepted"]
    assert {call.correlation_id for call in calls} == {"11111111-1111-4111-8111-111111111111"}


@pytest.mark.django_db(transaction=True)
def test_no_key_number_or_address_goes_out(webhook, settings, wire):
    """Whatever a provider repeats of what we sent."""
    settings.ADMINS = [("ops@solarium.example", "ops@solarium.example")]
    wire.mock.add_passthru("http://127.0.0.1")
    key = "PlantedKey4321"
    repeats = f"{key} +919876543210 asha@solarium.example 654321"
    wire.msg91_answers(status=401, json={"type": "error", "message": repeats, "code": key})
    with pytest.raises(gateways.GatewayRejected):
        gateways.send_otp(to="+919876543210", code="654321", reference="otp:test")
    alert_sinks.flush(seconds=10)

    (posted,), (mailed,) = webhook.received, mail.outbox
    assert posted == {"text": mailed.body}
    assert mailed.body.startswith("msg91 refuses ")
    for planted in (key, "3210", "asha", "654321"):
        assert planted not in mailed.subject + mailed.body


@pytest.mark.parametrize(
    ("url", "ids"),
    [
        ("", []),
        ("https://hooks.slack.example/services/x", []),
        ("http://127.0.0.1:9000/hook", ["integrations.W001"]),
        ("http://hooks.slack.example/services/x", ["integrations.E004"]),
        ("file:///etc/passwd", ["integrations.E004"]),
    ],
)
def test_where_it_goes_is_checked(settings, url, ids):
    for channel in ("sms", "email"):
        set_option(settings, channel, base_url="https://provider.example")
    settings.ALERT_WEBHOOK_URL = url

    assert [found.id for found in check_channels()] == ids


@pytest.mark.django_db
def test_a_process_that_gets_no_thread_any_more_answers_all_the_same(
    wire, settings, monkeypatch, caplog
):
    """Threads may be used up, or the interpreter about to end: the alert is a log line then."""

    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(alert_sinks, "_webhook", alert_sinks._Courier("webhook", alert_sinks._post))
    settings.ALERT_WEBHOOK_URL = "http://127.0.0.1:1/services/x"
    wire.msg91_answers(json={"type": "error", "message": "Insufficient balance", "code": "301"})

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(gateways.GatewayRejected):
            gateways.send_otp(to="+919800000000", code="123456", reference="otp:test")

    assert "alert dropped, no thread" in caplog.text
