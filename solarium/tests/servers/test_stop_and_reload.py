"""Deploys lose no request."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest
import requests

from .nodes import Cluster, Node, wait_until

pytestmark = pytest.mark.postgres

IN_FLIGHT = 20
RELOAD_SECONDS = 30
CALLS_START_SECONDS = 10
CLIENTS = 6


def workers(node: Node) -> set[int]:
    text = Path(f"/proc/{node.pid}/task/{node.pid}/children").read_text()
    return {int(pid) for pid in text.split()}


@contextmanager
def slow_sends(cluster: Cluster, nodes: list[Node]) -> Iterator[list[Future[requests.Response]]]:
    """Requests that wait for MSG91 at every node."""
    cluster.msg91.faults.order(provider="msg91", fault="slow", count=None)
    hanging = cluster.msg91.faults.hanging
    count = IN_FLIGHT * len(nodes)
    with ThreadPoolExecutor(count) as threads:
        sends = [threads.submit(nodes[number % len(nodes)].send) for number in range(count)]
        assert wait_until(lambda: hanging["msg91"] == count, seconds=CALLS_START_SECONDS)
        yield sends


@contextmanager
def asking(node: Node, seen: list[object], *, kept: bool) -> Iterator[None]:
    """Ask again and again, on kept connections or on new ones.

    A kept one is left only when the server says so: a client that looks first whether it was closed
    would hide a server that closes it without a word.
    """
    over = threading.Event()

    def ask() -> None:
        line = HTTPConnection("127.0.0.1", node.port, timeout=10)
        while not over.is_set():
            try:
                line.request("GET", "/healthz")
                answer = line.getresponse()
                answer.read()
                seen.append(answer.status)
            except (OSError, HTTPException) as err:
                seen.append(repr(err))
                line.close()
            if not kept:
                line.close()
            time.sleep(0.01)
        line.close()

    with ThreadPoolExecutor(CLIENTS) as threads:
        for _ in range(CLIENTS):
            threads.submit(ask)
        try:
            yield
        finally:
            over.set()


def test_what_is_in_flight_finishes_before_a_stop(cluster: Cluster) -> None:
    """Whether a supervisor stops the parent alone or all its processes."""
    nodes = cluster.start(2, SERVE_WORKERS="1")
    with slow_sends(cluster, nodes) as sends:
        os.kill(nodes[0].pid, signal.SIGTERM)
        os.killpg(nodes[1].pid, signal.SIGTERM)

        assert {send.result().status_code for send in sends} == {200}

    for node in nodes:
        assert node.child.process.wait(timeout=10) == 0
        with pytest.raises(requests.ConnectionError):
            node.call("GET", "/healthz")


def test_a_reload_loses_no_request(cluster: Cluster, nodes: list[Node]) -> None:
    node, before, seen = nodes[0], workers(nodes[0]), []
    with (
        slow_sends(cluster, [node]) as sends,
        asking(node, seen, kept=True),
        asking(node, seen, kept=False),
    ):
        os.kill(node.pid, signal.SIGHUP)

        assert wait_until(
            lambda: len(workers(node)) == len(before) and not workers(node) & before,
            seconds=RELOAD_SECONDS,
        )
        assert {send.result().status_code for send in sends} == {200}

    assert len(seen) > 100
    assert set(seen) == {200}


def test_a_killed_worker_is_replaced(nodes: list[Node]) -> None:
    node, before = nodes[1], workers(nodes[1])
    killed = min(before)

    os.kill(killed, signal.SIGKILL)

    assert wait_until(lambda: len(workers(node) - {killed}) == len(before), seconds=RELOAD_SECONDS)
    for _ in range(20):
        assert node.call("GET", "/healthz").status_code == 200
