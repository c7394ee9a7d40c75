"""The share of sent codes that are typed in (S15)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations import gateways
from otp import funnel, metrics
from otp.models import Challenge, Phone, State

pytestmark = pytest.mark.django_db


def send(count: int, *, state: State = State.ACCEPTED, ago_minutes: float = 10) -> None:
    phone, _ = Phone.objects.get_or_create(
        phone_e164="+919876543210", defaults={"last_request_at": timezone.now()}
    )
    at = timezone.now() - timedelta(minutes=ago_minutes)
    Challenge.objects.bulk_create(
        Challenge(phone=phone, app="CUSTAP", state=state, created_at=at) for _ in range(count)
    )


def is_raised() -> bool:
    funnel.check()
    return [(a.provider, a.kind) for a in gateways.open_alerts()] == [("msg91", "unverified")]


@pytest.mark.parametrize(
    ("verified", "unverified", "raised"),
    [
        (8, 12, False),  # 40 % of 20
        (7, 13, True),  # 35 %
        (0, 19, False),  # too few to say anything
        (0, 20, True),
        (39, 61, True),
    ],
)
def test_fewer_than_two_in_five_of_at_least_twenty(verified, unverified, raised):
    send(verified, state=State.VERIFIED)
    send(unverified)

    assert is_raised() is raised


def test_codes_that_were_not_sent_do_not_count():
    send(19)
    send(5, state=State.FAILED)
    send(5, state=State.CREATED)

    assert not is_raised()


def test_codes_that_may_still_be_typed_do_not_count():
    send(20, ago_minutes=1)

    assert not is_raised()


def test_half_an_hour_counts():
    send(20, ago_minutes=33)
    assert not is_raised()

    send(20, ago_minutes=31)
    assert is_raised()


def test_it_is_over_when_codes_are_typed_again():
    send(20)
    assert is_raised()

    send(20, state=State.VERIFIED)

    assert not is_raised()


def test_the_text_names_the_provider_and_the_numbers():
    send(20)
    funnel.check()

    (alert,) = gateways.open_alerts()

    assert alert.text.startswith("msg91: of 20 codes sent within 30 minutes 0 were typed in.")


def test_the_watch_runs_it():
    from integrations import alert_watch

    assert alert_watch._checks["otp_funnel"] == funnel.check


def test_states_are_counted():
    before = metrics._challenges("verified")._value.get()

    metrics.challenge_reached(State.VERIFIED)

    assert metrics._challenges("verified")._value.get() == before + 1
