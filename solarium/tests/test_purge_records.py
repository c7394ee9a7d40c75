"""What goes, what stays, and that a purge can be stopped anywhere (S57, S67)."""

from __future__ import annotations

import io
import json
import uuid
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction

from accounts.models import AuthToken, SecurityEvent, User
from accounts.roles import App, Role
from integrations.models import Alert, GatewayCall, ProviderKey
from otp.models import Challenge, Phone
from solarium import purging

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
YEAR = timedelta(days=400)


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


def make_challenge(at, *, phone="+919800000001", digest="d" * 64):
    Phone.objects.get_or_create(pk=phone, defaults={"last_request_at": at})
    return Challenge.objects.create(
        phone_id=phone, app="CUSTAP", code_digest=digest, pepper_id="p", client_address="192.0.2.1",
        created_at=at,
    )  # fmt: skip


def make_call(at):
    return GatewayCall.objects.create(provider="msg91", operation="send_otp", started_at=at)


def make_alert(at):
    return Alert.objects.create(
        provider="msg91", kind="failures", text="t", opened_at=at, resolved_at=at
    )


def make_key(at, state="retired"):
    return ProviderKey.objects.create(
        provider="msg91", fingerprint="f", state=state, source="rotation", created_at=at,
        retired_at=at,
    )  # fmt: skip


def make_event(at):
    return SecurityEvent.objects.create(kind="login", result="ok", at=at)


def make_user():
    return User.objects.create_user(role=Role.ADMIN, email=f"{uuid.uuid4()}@solarium.example")


def make_log_entry(at):
    return LogEntry.objects.create(
        user=make_user(), object_repr="r", action_flag=CHANGE, action_time=at
    )


def make_session(at):
    return Session.objects.create(session_key=uuid.uuid4().hex, session_data="", expire_date=at)


def run(**options):
    out = io.StringIO()
    call_command("purge_records", stdout=out, json=True, **options)
    return {row["kind"]: row["rows"] for row in json.loads(out.getvalue())["kinds"]}


@pytest.mark.parametrize(
    ("kind", "make", "age"),
    [
        ("challenges", make_challenge, YEAR),
        ("calls", make_call, YEAR),
        ("alerts", make_alert, YEAR),
        ("keys", make_key, YEAR),
        ("events", make_event, YEAR),
        ("admin_log", make_log_entry, YEAR),
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


def test_tokens_go_when_they_end():
    for seconds in (-1, 1):
        AuthToken(
            digest=str(seconds), user=make_user(), app=App.WEBPRT,
            expiry=NOW + timedelta(seconds=seconds),
        ).save(force_insert=True)  # fmt: skip

    assert run()["tokens"] == 1
    assert AuthToken.objects.get().digest == "1"


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
    make_key(NOW - 2 * YEAR, state="previous")

    assert set(run().values()) == {0}


def test_numbers_go_with_their_last_challenge():
    make_challenge(NOW - 2 * YEAR, phone="+919800000001")
    make_challenge(NOW - 2 * YEAR, phone="+919800000002")
    make_challenge(NOW, phone="+919800000002")
    Phone.objects.filter(pk="+919800000002").update(last_request_at=NOW)

    assert run(dry_run=True)["phones"] == 1
    assert run()["phones"] == 1
    assert Phone.objects.get().pk == "+919800000002"


def test_many_batches_and_one_record_of_it():
    """S57."""
    rows = 2 * purging.BATCH_ROWS + 500
    old = NOW - 2 * YEAR
    GatewayCall.objects.bulk_create(
        GatewayCall(provider="msg91", operation="send_otp", started_at=old) for _ in range(rows)
    )
    Phone.objects.create(pk="+919800000001", last_request_at=NOW)
    Challenge.objects.bulk_create(
        Challenge(
            phone_id="+919800000001", app="CUSTAP", code_digest="d", pepper_id="p",
            client_address="", created_at=NOW - timedelta(days=2),
        )
        for _ in range(rows)
    )  # fmt: skip

    gone = run()

    assert (gone["calls"], gone["digests"]) == (rows, rows)
    assert not GatewayCall.objects.exists()
    assert not Challenge.objects.exclude(code_digest="").exists()
    event = SecurityEvent.objects.get()
    assert (event.kind, event.detail) == ("records_purged", f"due: digests {rows}, calls {rows}")
    assert event.correlation_id
    assert set(run().values()) == {0}
    assert SecurityEvent.objects.count() == 1, "nothing went, so nothing is recorded"


def test_stopped_half_way_the_next_one_goes_on(monkeypatch):
    monkeypatch.setattr(purging, "BATCH_ROWS", 2)
    for _ in range(5):
        make_call(NOW - 2 * YEAR)
    (calls,) = (kind for kind in purging.KINDS if kind.name == "calls")
    killed = purging.purge(kind=calls, before=NOW - YEAR)
    next(killed)
    killed.close()
    assert GatewayCall.objects.count() == 3

    assert run()["calls"] == 3
    assert not GatewayCall.objects.exists()


def test_dry_run_counts_and_changes_nothing():
    make_call(NOW - 2 * YEAR)
    make_challenge(NOW - timedelta(days=2))

    counted = run(dry_run=True)

    assert (counted["calls"], counted["digests"]) == (1, 1)
    assert GatewayCall.objects.count() == 1
    assert Challenge.objects.get().code_digest
    assert not SecurityEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_database_that_refuses_gets_a_sentence():
    make_call(NOW - 2 * YEAR)

    def refuse(execute, sql, params, many, context):
        if sql.startswith(("INSERT", "DELETE", "UPDATE")):
            raise OperationalError("read-only")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse), pytest.raises(CommandError, match="run this again"):
        run()

    assert GatewayCall.objects.exists()


def test_text_for_people(capsys):
    make_call(NOW - 2 * YEAR)

    call_command("purge_records")

    printed = capsys.readouterr()
    assert "calls                  1 from before 2025-10-20T12:00:00.000Z" in printed.out
    assert printed.out.endswith("1 records went.\n")
    assert printed.err == "", "no progress where nobody watches"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_number_that_asks_right_now_stays():
    Phone.objects.create(pk="+919800000001", last_request_at=NOW - 2 * YEAR)
    locked, done = Event(), Event()

    def ask():
        with transaction.atomic():
            Phone.objects.filter(pk="+919800000001").update(last_request_at=NOW)
            locked.set()
            done.wait(10)
        connection.close()

    asking = Thread(target=ask)
    asking.start()
    locked.wait(10)
    try:
        assert run()["phones"] == 0
    finally:
        done.set()
        asking.join()
    assert Phone.objects.get().last_request_at == NOW
