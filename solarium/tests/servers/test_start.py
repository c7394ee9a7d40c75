"""What ``bin/serve`` refuses, it refuses with a sentence."""

from __future__ import annotations

import socket
import subprocess
import sys

import psycopg
import pytest

from .nodes import ROOT, Cluster, fresh_database

pytestmark = pytest.mark.postgres

LAST_STEP = (sys.executable, "-m", "solarium.server")  # of bin/serve; it takes the port


def refused(cluster: Cluster, *command: str, **changes: str) -> str:
    """Start a server that must not start; return what it says."""
    done = subprocess.run(
        command, cwd=ROOT, env=cluster.environment(**changes),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"SERVE_WORKERS": "two"}, "SERVE_WORKERS must be a whole number, not 'two'."),
        ({"SERVE_THREADS": "0"}, "SERVE_THREADS must be greater than zero."),
        ({"MSG91_AUTH_KEY": ""}, "MSG91_AUTH_KEY is not set"),
        ({"DATABASE_POOL_MAX": "many"}, "DATABASE_POOL_MAX must be a whole number"),
    ],
)
def test_a_bad_value_stops_the_start(
    cluster: Cluster, changes: dict[str, str], sentence: str
) -> None:
    assert sentence in refused(cluster, "bin/serve", **changes)


def test_a_taken_port_stops_the_start(cluster: Cluster) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = {"HOST": "127.0.0.1", "PORT": str(taken.getsockname()[1])}

        said = refused(cluster, *LAST_STEP, **place)

    assert "cannot listen on {HOST} port {PORT}: [Errno".format_map(place) in said


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", "99999"), ("192.0.2.1", "8000")])
def test_a_place_that_is_none_stops_the_start(cluster: Cluster, host: str, port: str) -> None:
    said = refused(cluster, *LAST_STEP, HOST=host, PORT=port)

    assert f"cannot listen on {host} port {port}" in said


def test_migrations_are_not_run(cluster: Cluster) -> None:
    with fresh_database(cluster.database_url) as empty:
        (node,) = cluster.start(ready="/healthz", DATABASE_URL=empty, SERVE_WORKERS="1")

        ready = node.call("GET", "/readyz")
        with psycopg.connect(empty) as look:
            tables = look.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            assert tables.fetchall() == []

    assert (ready.status_code, ready.json()["migrations"]) == (503, "pending")
