"""What the nodes share, made once for all tests here; gone afterwards, whatever happened."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
import redis

from .nodes import Cluster, Node, cluster_of


@pytest.fixture(scope="package")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster_of(logs=tmp_path_factory.mktemp("servers")) as cluster:
        cluster.manage("migrate", "--no-input", "--verbosity", "0")
        yield cluster


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
