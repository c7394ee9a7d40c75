"""The thread that looks after alerts without a request."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import DatabaseError
from django.utils import timezone

from integrations import alert_watch, alerts
from integrations.models import Alert

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_checks(monkeypatch):
    monkeypatch.setattr(alert_watch, "_checks", {})
    monkeypatch.setattr("django.db.connections.close_all", lambda: None)  # a test's own is open
    yield
    cache.delete_many(["alert_check:mine", "alert_check:broken"])


def test_it_resolves_what_is_over():
    Alert.objects.create(
        provider="msg91",
        kind=Alert.Kind.FAILURES,
        text="msg91 is failing",
        opened_at=timezone.now() - timedelta(minutes=2),
    )

    alert_watch.look_once()

    assert Alert.objects.get().resolved_at is not None


def test_a_check_runs_once_a_minute_over_all_processes():
    ran: list[int] = []
    alert_watch.add_alert_check(name="mine", check=lambda: ran.append(1))

    alert_watch.look_once()
    alert_watch.look_once()
    assert len(ran) == 1

    cache.delete("alert_check:mine")  # as after a minute
    alert_watch.look_once()
    assert len(ran) == 2


def test_what_fails_ends_nothing(caplog, monkeypatch):
    def break_down() -> None:
        raise DatabaseError("planted")

    alert_watch.add_alert_check(name="broken", check=break_down)
    alert_watch.look_once()
    assert "alerts not looked after" in caplog.text

    monkeypatch.setattr(alerts, "settle", break_down)
    alert_watch.look_once()


def test_the_thread_looks_again_and_again(monkeypatch):
    looked, ended = threading.Semaphore(0), threading.Event()
    monkeypatch.setattr(alert_watch, "SETTLE_SECONDS", 0.01)
    monkeypatch.setattr(alert_watch, "look_once", looked.release)
    monkeypatch.setattr(alert_watch, "_ended", ended)

    alert_watch.start_alert_watch()

    assert looked.acquire(timeout=5)
    assert looked.acquire(timeout=5)
    ended.set()
    for thread in threading.enumerate():
        if thread.name == "alerts-watch":
            thread.join(5)
