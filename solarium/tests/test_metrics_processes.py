"""The workers of one server report as one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from solarium import metrics, server
from solarium.tests.metrics_page import figures, series

ROOT = Path(__file__).resolve().parents[2]
WORKER = """
import sys
from integrations import metrics
about = {"provider": "msg91", "operation": "send_otp"}
for _ in range(int(sys.argv[1])):
    metrics.slot_taken(provider="msg91")
    metrics.call_finished(outcome="accepted", **about)
    metrics.attempt_finished(result="accepted", seconds=0.1, **about)
print("counted", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def directory(tmp_path, monkeypatch):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def start(directory):
    """Start a worker that makes calls which still hold their slots."""
    workers = []

    def start(*, calls):
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(calls)],
            cwd=ROOT,
            env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(directory)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        workers.append(worker)
        assert worker.stdout.readline() == "counted\n"
        return worker

    yield start
    for worker in workers:
        kill(worker)


def kill(worker):
    worker.kill()
    worker.communicate()


@pytest.fixture
def scrape(monkeypatch):
    """Read calls, attempts and slots of MSG91."""
    monkeypatch.setattr("integrations.gateways.breaker_states", dict)
    about = {"provider": "msg91", "operation": "send_otp"}

    def read():
        page = figures(metrics.exposition())
        assert not [key for key in page if "pid" in dict(key[1])]
        return (
            page.get(series("provider_calls_total", outcome="accepted", **about)),
            page.get(series("provider_attempt_seconds_count", result="accepted", **about)),
            page.get(series("slots_in_use", provider="msg91")),
        )

    return read


def test_two_report_as_one(start, scrape):
    start(calls=2)
    start(calls=3)

    assert scrape() == (5, 5, 5)


def test_what_a_dead_one_counted_stays_and_its_slots_are_free(start, scrape):
    killed = start(calls=2)
    start(calls=3)

    kill(killed)

    assert scrape() == (5, 5, 3)
    # The next reader no longer finds the file.
    assert scrape() == (5, 5, 3)


def test_a_worker_that_just_starts_breaks_nothing(start, scrape, directory):
    start(calls=1)
    (directory / "counter_1.db").touch()
    (directory / "gauge_livesum_1.db").touch()

    assert scrape() == (1, 1, 1)


def test_none_has_counted_yet(directory, scrape):
    assert scrape() == (None, None, None)


def test_the_server_gives_its_workers_a_directory_and_takes_it_away(monkeypatch):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "of somebody else")

    with server.counts():
        directory = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
        assert directory.is_dir()
        (directory / "counter_1.db").touch()

    assert not directory.exists()
