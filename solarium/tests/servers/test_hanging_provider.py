"""MSG91 hangs under load: nobody else notices, and no connection waits with it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from .nodes import POOL_MAX, TIMEOUT_SECONDS, WORKERS, Cluster, Node, wait_until

pytestmark = pytest.mark.postgres

HANGING = 50
LOOKS = 10
SESSIONS = """
    SELECT count(*), count(*) FILTER (WHERE state LIKE 'idle in transaction%')
    FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def test_a_provider_that_hangs_holds_no_connection(cluster: Cluster, nodes: list[Node]) -> None:
    """S35: far more calls than connections hang, and others are served meanwhile."""
    node, hanging = nodes[0], cluster.msg91.faults.hanging
    cluster.msg91.faults.order(provider="msg91", fault="timeout", count=None)

    with ThreadPoolExecutor(HANGING) as threads, psycopg.connect(cluster.database_url) as look:
        look.autocommit = True
        sends = [threads.submit(node.send) for _ in range(HANGING)]
        assert wait_until(lambda: hanging["msg91"] == HANGING, seconds=TIMEOUT_SECONDS)
        served = 0  # while all of them hang
        while served < LOOKS:
            connections, in_transaction = look.execute(SESSIONS).fetchone() or (0, 0)
            assert connections <= POOL_MAX * WORKERS * len(nodes)
            assert in_transaction == 0
            assert node.call("GET", "/readyz").status_code == 200
            if hanging["msg91"] < HANGING:
                break
            served += 1
        cluster.msg91.faults.order(provider="msg91", fault="500", count=None)  # retries end at once
        answers = {send.result().status_code for send in sends}

    assert served
    assert answers == {503}
