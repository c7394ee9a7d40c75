"""What goes and what stays (S57, S67)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from integrations.models import Alert
from otp.models import Phone
from solarium import clock
from solarium.tests.purge_world import (
    NOW,
    YEAR,
    make_alert,
    make_call,
    make_challenge,
    make_delivery_event,
    make_demo_number,
    make_event,
    make_idempotency_record,
    make_key,
    make_link,
    make_log_entry,
    make_session,
    make_token,
    run,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(time_machine, monkeypatch):
    time_machine.move_to(NOW, tick=False)
    monkeypatch.setattr(clock, "ahead", timedelta)  # the database's clock goes along


@pytest.mark.parametrize(
    ("kind", "make", "age"),
    [
        ("challenges", make_challenge, YEAR),
        ("calls", make_call, YEAR),
        ("delivery_events", make_delivery_event, YEAR),
        ("alerts", make_alert, YEAR),
        ("keys", make_key, YEAR),
        ("events", make_event, YEAR),
        ("links", make_link, YEAR),
        ("admin_log", make_log_entry, YEAR),
        ("demo_numbers", make_demo_number, timedelta()),
        ("idempotency", make_idempotency_record, timedelta()),
        ("tokens", make_token, timedelta()),
        ("admin_sessions", make_session, timedelta()),
    ],
)
def test_both_sides_of_every_age(kind, make, age):
    second = timedelta(seconds=1)
    make(NOW - age - second)
    young = make(NOW - age + second)

    gone = run()

    assert gone[kind] == 1
    left = type(young).objects.all()
    if kind == "events":
        left = left.exclude(kind="records_purged")
    assert list(left) == [young]


def test_no_digest_gets_a_day_old():
    """S67: run every hour, the last run before the day is over takes it."""
    old = make_challenge(NOW - timedelta(hours=23, seconds=1))
    young = make_challenge(NOW - timedelta(hours=23) + timedelta(seconds=1))

    assert run()["digests"] == 1

    old.refresh_from_db()
    young.refresh_from_db()
    assert (old.code_digest, old.pepper_id) == ("", "")
    assert young.code_digest == "d" * 64


def test_open_alerts_and_keys_in_use_stay():
    Alert.objects.create(provider="msg91", kind="failures", text="t", opened_at=NOW - 2 * YEAR)
    for state in ("staged", "active", "previous"):
        make_key(NOW - 2 * YEAR, state=state)

    assert set(run().values()) == {0}


def test_numbers_go_with_their_last_challenge():
    make_challenge(NOW - 2 * YEAR, phone="+919800000001")
    make_challenge(NOW - 2 * YEAR, phone="+919800000002")
    make_challenge(NOW, phone="+919800000002")
    Phone.objects.filter(pk="+919800000002").update(last_request_at=NOW)

    assert run(dry_run=True)["phones"] == 1
    assert run()["phones"] == 1
    assert Phone.objects.get().pk == "+919800000002"
