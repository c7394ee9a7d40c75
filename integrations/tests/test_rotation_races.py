"""Two rotations at once: one of them does it, the other says so or finds nothing to do."""

from __future__ import annotations

import time
from threading import Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from integrations import proofs
from integrations.models import ProviderKey
from integrations.results import Proof
from integrations.testing import at_once

from .rotating import NEW, everything, rotate, states

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def slow_proof(monkeypatch):
    """A provider that takes its time, so that both are under way together."""

    def prove(*, provider: str, key: str) -> Proof:
        time.sleep(0.3)
        return Proof()

    monkeypatch.setattr(proofs, "prove", prove)


def run(step: str) -> str:
    options = {"from_env": "NEW_KEY"} if step == "stage" else {}
    try:
        call_command("rotate_key", "msg91", step, **options)
    except CommandError as refused:
        return str(refused)
    return "done"


def test_two_stages_at_once(slow_proof, monkeypatch):
    monkeypatch.setenv("NEW_KEY", NEW["msg91"])

    ended = at_once(2, lambda _: run("stage"))

    assert ended == {
        "done": 1,
        "Another rotation of msg91 is under way; nothing was changed.": 1,
    }
    assert set(states("msg91")) == {"active", "staged"}


def test_two_activations_at_once(slow_proof, monkeypatch):
    rotate(monkeypatch, "msg91", "stage", stdin=NEW["msg91"])

    ended = at_once(2, lambda _: run("activate"))

    assert ended["done"] == 1
    assert set(ended) <= {
        "done",
        "Another rotation of msg91 is under way; nothing was changed.",
    }
    assert set(states("msg91")) == {"active", "previous"}
    assert ProviderKey.objects.count() == 2


def test_the_lock_is_gone_after_a_refusal(monkeypatch):
    for _ in range(2):
        said = rotate(monkeypatch, "msg91", "stage", stdin="two words")
        assert "under way" not in said.err
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
            "WHERE l.locktype = 'advisory' AND d.datname = current_database()"
        )
        assert cursor.fetchone() == (0,)


def test_a_command_whose_session_dies_leaves_no_lock(slow_proof, monkeypatch):
    """As after SIGKILL: the lock goes with the session, and running it again finishes."""
    monkeypatch.setenv("NEW_KEY", NEW["msg91"])
    ended: list[str] = []
    command = Thread(target=lambda: (ended.append(run("stage")), connection.close()))
    command.start()
    killed = 0
    with connection.cursor() as cursor:
        while command.is_alive() and not killed:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_locks "
                "WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
            )
            killed = cursor.fetchone()[0]
    command.join()

    assert killed == 1
    assert "The database did not take it" in ended[0]
    assert everything() == []
    assert run("stage") == "done"


@pytest.mark.parametrize("step", ["stage", "activate"])
def test_a_read_only_database(step, slow_proof, monkeypatch):
    rotate(monkeypatch, "msg91", "stage", stdin=NEW["msg91"])
    before = everything()
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    try:
        said = rotate(monkeypatch, "msg91", step, stdin="third-key")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = off")

    assert (said.code, everything()) == (1, before)
    assert "The database did not take it" in said.err
