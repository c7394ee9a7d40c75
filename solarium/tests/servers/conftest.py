"""What the nodes share, made once for all tests here; gone afterwards, whatever happened."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import psycopg
import pytest
import redis

from .nodes import ROOT, Children, Cluster, Node, fresh_database, given_servers, stand_in


@pytest.fixture(scope="package")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    database, cache = given_servers()
    with (
        fresh_database(database) as database_url,
        stand_in() as provider,
        Children(cwd=ROOT, logs=tmp_path_factory.mktemp("servers")) as children,
    ):
        cluster = Cluster(
            database_url=database_url, cache_url=cache, msg91=provider, children=children
        )
        # Who ends the run by SIGTERM must leave no server behind either.
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        cluster.manage("migrate", "--no-input", "--verbosity", "0")
        yield cluster
        signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="package")
def nodes(cluster: Cluster) -> list[Node]:
    """Two nodes that live as long as the tests do."""
    return cluster.start(2)


@pytest.fixture(autouse=True)
def _fresh(cluster: Cluster) -> Iterator[None]:
    """Every test finds a healthy provider, a closed breaker and nothing counted."""
    yield
    cluster.msg91.faults.clear(provider=None)
    with psycopg.connect(cluster.database_url) as database:
        database.execute("DELETE FROM integrations_gatewaycall")  # failures of the last minute
    with redis.Redis.from_url(cluster.cache_url) as cache:
        cache.flushdb()  # bin/with-redis gives an empty one
