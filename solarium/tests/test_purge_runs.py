"""How a purge goes: in batches, on record, to be stopped anywhere (S57)."""

from __future__ import annotations

from datetime import timedelta
from threading import Event, Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction

from accounts.models import SecurityEvent
from integrations.models import GatewayCall
from otp.models import Challenge, Phone
from solarium import clock, purging
from solarium.tests.purge_world import NOW, YEAR, make_call, make_challenge, run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(time_machine, monkeypatch):
    time_machine.move_to(NOW, tick=False)
    monkeypatch.setattr(clock, "ahead", timedelta)  # the database's clock goes along


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
