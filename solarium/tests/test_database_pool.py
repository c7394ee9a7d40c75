"""Connections that wait in the pool, and a database that ended them: a failover, a restart."""

from __future__ import annotations

import psycopg
import pytest
from django.db import connection


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_what_the_database_ended_costs_no_request(api_client):
    assert api_client.get("/readyz").status_code == 200
    connection.close()  # back to the pool

    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    assert api_client.get("/readyz").status_code == 200
