"""A full disk under the log costs lines, never an answer; a parent that is killed leaves nobody."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from .nodes import START_SECONDS, Cluster, Node, free_port, wait_until
from .test_stop_and_reload import RELOAD_SECONDS, workers

pytestmark = pytest.mark.postgres


def test_a_full_log_stops_no_server_and_no_worker_s_start(cluster: Cluster) -> None:
    port = free_port()
    child = cluster.children.start(
        name="serve-full",
        command=["bash", "-c", "exec bin/serve >/dev/full 2>&1"],
        env=cluster.environment(PORT=str(port)),
    )
    node = Node(port=port, child=child)
    cluster.children.wait_until_up(
        child, url=f"http://127.0.0.1:{port}/readyz", seconds=START_SECONDS
    )
    before = workers(node)

    os.kill(min(before), signal.SIGKILL)

    assert wait_until(
        lambda: len(workers(node) - {min(before)}) == len(before), seconds=RELOAD_SECONDS
    )
    assert node.send().status_code == 200


def test_workers_end_with_a_parent_that_is_killed(cluster: Cluster) -> None:
    (node,) = cluster.start()
    left = workers(node)

    os.kill(node.pid, signal.SIGKILL)

    assert wait_until(
        lambda: not any((Path(f"/proc/{pid}")).exists() for pid in left), seconds=RELOAD_SECONDS
    )
