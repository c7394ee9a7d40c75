"""The share of accepted messages that were reported undelivered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations import alert_watch, gateways, undelivered
from integrations.models import GatewayCall

pytestmark = pytest.mark.django_db


def make_calls(count: int, *, delivery: str, ago_minutes: float = 10, **fields: str) -> None:
    at = timezone.now() - timedelta(minutes=ago_minutes)
    about = {"provider": "msg91", "operation": "send_otp", "outcome": "accepted", **fields}
    GatewayCall.objects.bulk_create(
        GatewayCall(**about, delivery=delivery, started_at=at, finished_at=at) for _ in range(count)
    )


def raised() -> list[tuple[str, str]]:
    undelivered.check()
    return [(alert.provider, alert.kind) for alert in gateways.open_alerts()]


@pytest.mark.parametrize(
    ("delivered", "lost", "is_raised"),
    [
        (14, 6, False),  # 30 % of 20
        (13, 7, True),
        (0, 19, False),  # too few to say anything
        (0, 20, True),
        (100, 0, False),
    ],
)
@pytest.mark.parametrize("provider", ["msg91", "sendgrid"])
def test_more_than_three_in_ten_of_at_least_twenty(provider, delivered, lost, is_raised):
    make_calls(delivered, delivery="delivered", provider=provider)
    make_calls(lost, delivery="undelivered", provider=provider)

    assert raised() == ([(provider, "undelivered")] if is_raised else [])


def test_what_is_too_young_too_old_or_was_not_accepted_does_not_count():
    make_calls(20, delivery="undelivered", ago_minutes=1)
    make_calls(20, delivery="undelivered", ago_minutes=33)
    make_calls(20, delivery="undelivered", outcome="unknown")

    assert raised() == []


def test_without_a_report_nothing_is_known():
    make_calls(100, delivery="")
    make_calls(19, delivery="undelivered")

    assert raised() == []


def test_resolves_itself(monkeypatch):
    make_calls(20, delivery="undelivered")
    assert raised() == [("msg91", "undelivered")]

    make_calls(80, delivery="delivered")

    assert raised() == []


def test_is_looked_at_every_minute():
    assert alert_watch._checks["undelivered"] == undelivered.check
