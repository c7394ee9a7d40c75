"""When too many failures raise an alert, when it is told again, when it is over (S36, S39)."""

from __future__ import annotations

import pytest
import requests
from django.db import DatabaseError

from integrations import alerts, gateways, metrics
from integrations.models import Alert, GatewayCall, Outcome

from .alerting import fail, pass_time, send_otp

pytestmark = pytest.mark.django_db
FAILURES = Alert.Kind.FAILURES


def test_ten_failures_a_minute_are_silent_eleven_are_not(told):
    fail(10)
    assert not Alert.objects.exists()

    fail(1)

    assert [(n["provider"], n["kind"], n["state"]) for n in told] == [("msg91", FAILURES, "raised")]
    assert told[0]["text"] == (
        "msg91 is failing: more than 10 calls failed within a minute (timeout)."
    )


def test_the_minute_slides(told):
    fail(10, ago_seconds=61)
    fail(10)

    assert not told


def test_each_provider_counts_alone(told):
    fail(6)
    fail(6, provider="sendgrid")

    assert not told


def test_the_number_is_a_setting(told, settings):
    settings.ALERT_FAILURES_PER_MINUTE = 2
    fail(2)
    assert not told

    fail(1)

    assert len(told) == 1


def test_told_once_in_fifteen_minutes_then_again(told):
    fail(30)
    assert len(told) == 1

    pass_time(minutes=14)
    fail(11)
    assert len(told) == 1

    pass_time(minutes=2)
    fail(11)
    assert [n["state"] for n in told] == ["raised", "raised"]
    assert Alert.objects.count() == 1  # it was never over


def test_over_once_the_minute_holds_no_more_than_allowed(told):
    fail(11)
    alerts.settle()
    assert len(told) == 1

    pass_time(seconds=61)
    alerts.settle()
    alerts.settle()

    assert [n["state"] for n in told] == ["raised", "resolved"]
    assert told[1]["text"].startswith("msg91: over since ")
    assert Alert.objects.get().resolved_at is not None


def test_what_comes_back_soon_is_shown_and_not_told(told):
    fail(11)
    pass_time(seconds=61)
    alerts.settle()

    fail(11)
    assert [alert.kind for alert in gateways.open_alerts()] == [FAILURES]
    pass_time(seconds=61)
    assert gateways.open_alerts() == []

    assert [n["state"] for n in told] == ["raised", "resolved"]


def test_what_comes_back_and_stays_is_told_when_the_quarter_is_over(told):
    fail(11)
    pass_time(seconds=61)
    alerts.settle()
    pass_time(minutes=13)
    fail(11)
    assert len(told) == 2

    pass_time(minutes=2)
    fail(11)

    assert [n["state"] for n in told] == ["raised", "resolved", "raised"]


def test_an_open_alert_is_not_asked_for_at_every_failure(told, django_assert_num_queries):
    fail(11)

    with django_assert_num_queries(0):
        alerts.after_failure(provider="msg91", code="timeout", error=None)


def test_a_database_that_fails_does_not_reach_the_call(told, monkeypatch, caplog):
    def break_down(*args: object, **kwargs: object) -> None:
        raise DatabaseError("planted")

    monkeypatch.setattr(alerts, "_fails_too_often", break_down)

    alerts.after_failure(provider="msg91", code="timeout", error=None)

    assert "alert not raised" in caplog.text


def test_calls_that_the_breaker_refuses_count(wire, told, settings):
    settings.PROVIDER_RETRIES = 0
    wire.msg91_answers(body=requests.ReadTimeout())
    for _ in range(11):
        with pytest.raises(gateways.GatewayUnavailable):
            send_otp()

    assert GatewayCall.objects.filter(outcome=Outcome.REFUSED).count() == 6
    assert [n["kind"] for n in told] == [FAILURES]


def test_alerts_are_counted(told):
    before = metrics._alerts("msg91", "failures")._value.get()

    fail(12)

    assert metrics._alerts("msg91", "failures")._value.get() == before + 1


def test_seen_by_the_first_who_looks():
    fail(11)
    done: list[dict[str, object]] = []
    listener = lambda **action: done.append(action)  # noqa: E731
    gateways.ops_action.connect(listener)
    alert = Alert.objects.get()

    assert gateways.mark_alert_seen(alert_id=alert.pk, by="asha", actor_id=None)
    assert not gateways.mark_alert_seen(alert_id=alert.pk, by="ravi", actor_id=None)

    gateways.ops_action.disconnect(listener)
    alert.refresh_from_db()
    assert alert.seen_by == "asha"
    assert [(a["kind"], a["detail"]) for a in done] == [("alert_seen", f"alert {alert.pk}")]
