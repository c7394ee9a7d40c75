"""How a process reads the table of keys: seldom, soon enough, and on without the database."""

from __future__ import annotations

import time
from threading import Event, Thread

import pytest
from django.db import OperationalError, connection

from integrations import encryption, gateways, keys
from integrations.models import ProviderKey

from .keyring import asked_with, send, store
from .rotating import environment_key, fingerprint

pytestmark = pytest.mark.django_db


@pytest.fixture
def later(monkeypatch):
    """Let so many seconds pass for the keyring."""
    passed = 0.0
    real = time.monotonic

    def pass_(seconds: float) -> None:
        nonlocal passed
        passed += seconds

    monkeypatch.setattr(keys.time, "monotonic", lambda: real() + passed)
    return pass_


@pytest.fixture
def reads():
    """The statements that read the table of keys."""
    seen: list[str] = []

    def note(execute, sql, *rest):
        if "integrations_providerkey" in sql and sql.startswith("SELECT"):
            seen.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        yield seen


def test_one_statement_for_many_requests(wire, reads):
    keys.forget()
    wire.msg91_accepts()

    for _ in range(5):
        send()
        gateways.peppers()

    assert len(reads) == 1


def test_a_change_elsewhere_is_used_within_five_seconds(wire, later):
    wire.msg91_accepts()
    store("active", "stored-key")
    send()
    ProviderKey.objects.filter(state="active").update(
        ciphertext=encryption.encrypt("changed-key"), fingerprint=fingerprint("changed-key")
    )

    later(5)
    send()

    assert asked_with(wire) == ["stored-key", "changed-key"]


@pytest.mark.parametrize("known", [True, False])
def test_without_the_database_the_last_known_go_on(known, wire, later):
    store("active", "stored-key")
    if known:
        gateways.peppers()

    def fail(execute, sql, *rest):
        if "providerkey" in sql:
            raise OperationalError
        return execute(sql, *rest)

    wire.msg91_accepts()
    later(6)
    with connection.execute_wrapper(fail):
        send()

    assert asked_with(wire) == ["stored-key" if known else environment_key("msg91")]


def test_one_reads_the_others_go_on(monkeypatch, later):
    """From 3 to 5 seconds old, nobody waits for the one who reads."""
    reading, go_on = Event(), Event()
    real = keys._read

    def slow(**known):
        reading.set()
        go_on.wait(5)
        keys.assume_nothing_stored()
        return real(newer_than=None)

    later(4)
    monkeypatch.setattr(keys, "_read", slow)
    reader = Thread(target=gateways.peppers)
    reader.start()
    assert reading.wait(5)

    started = time.perf_counter()
    gateways.peppers()

    assert time.perf_counter() - started < 1
    go_on.set()
    reader.join()


def test_a_known_one_goes_on_when_it_cannot_be_read_any_more(wire, settings, later):
    """A process that was not restarted with the new encryption key yet."""
    store("active", "stored-key")
    wire.msg91_accepts()
    send()
    settings.KEY_ENCRYPTION_KEYS = [encryption.new_key()]
    later(6)

    send()

    assert asked_with(wire) == ["stored-key"] * 2


class TestLastUse:
    def test_is_written_beside_a_read_and_once_a_minute(self, wire, later):
        row = store("active", "stored-key")
        wire.msg91_accepts()
        send()
        later(61)

        send()
        row.refresh_from_db()
        first = row.last_used_at
        later(6)
        send()

        row.refresh_from_db()
        assert first is not None
        assert row.last_used_at == first

    @pytest.mark.django_db(transaction=True)
    def test_a_read_only_database_is_no_matter(self, wire, later):
        store("active", "stored-key")
        wire.msg91_accepts()
        send()
        later(61)

        def refuse(execute, sql, *rest):
            if sql.startswith("UPDATE") and "providerkey" in sql:
                raise OperationalError
            return execute(sql, *rest)

        with connection.execute_wrapper(refuse):
            send()

        assert asked_with(wire) == ["stored-key"] * 2
