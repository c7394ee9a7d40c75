"""Connections that wait in the pool, and a database that ended them: a failover, a restart."""

from __future__ import annotations

from threading import Barrier

import psycopg
import pytest
from django.db import connection

from integrations.testing import at_once

WAITING = 12


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_all_that_the_database_ended_cost_one_request(api_client):
    all_open = Barrier(WAITING)
    at_once(WAITING, lambda _: (connection.ensure_connection(), all_open.wait()))
    connection.close()

    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
        [(ended,)] = other.execute(
            "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchall()
    assert ended >= WAITING

    answers = []
    for _ in range(4):
        answers.append(api_client.get("/readyz").status_code)
        connection.close()  # as at the end of a request
    assert answers == [503, 200, 200, 200]
