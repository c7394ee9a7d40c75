"""``Idempotency-Key`` over real servers: two nodes, a killed one, and headers as they arrive."""

from __future__ import annotations

import os
import signal
import uuid
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
import requests

from api.idempotency_store import CLAIMED_FOR
from sandbox.local.phones import some_phone

from .nodes import CALL_SECONDS, Cluster, Node, some_address, wait_until

pytestmark = pytest.mark.postgres

AT_ONCE = 20


def send(node: Node, *, key: str | bytes, phone: str) -> requests.Response:
    return requests.post(
        f"http://127.0.0.1:{node.port}/integrations/sendOTP",
        json={"phone": phone, "app": "CUSTAP"},
        headers={"X-Forwarded-For": some_address(), "Idempotency-Key": key},
        timeout=CALL_SECONDS,
    )


def test_one_key_sends_one_sms_over_both_nodes(cluster: Cluster, nodes: list[Node]) -> None:
    key, phone = str(uuid.uuid4()), some_phone()

    with ThreadPoolExecutor(AT_ONCE) as threads:
        sends = [
            threads.submit(send, nodes[number % 2], key=key, phone=phone)
            for number in range(AT_ONCE)
        ]
        answers = [each.result() for each in sends]

    assert {answer.status_code for answer in answers} <= {200, 409}
    assert len(cluster.msg91.inbox.find(to=phone)) == 1
    ids = {answer.json()["challengeId"] for answer in answers if answer.status_code == 200}
    again = [send(node, key=key, phone=phone) for node in nodes]
    assert {answer.headers["Idempotent-Replayed"] for answer in again} == {"true"}
    assert ids == {answer.json()["challengeId"] for answer in again}


def test_a_killed_node_leaves_its_key_for_30_seconds(cluster: Cluster, nodes: list[Node]) -> None:
    key, phone = str(uuid.uuid4()), some_phone()
    (victim,) = cluster.start()
    cluster.msg91.faults.order(provider="msg91", fault="timeout", count=None)

    with ThreadPoolExecutor(1) as threads:
        sent = threads.submit(send, victim, key=key, phone=phone)
        assert wait_until(lambda: cluster.msg91.faults.hanging["msg91"] == 1, seconds=CALL_SECONDS)
        os.killpg(victim.pid, signal.SIGKILL)
        with pytest.raises(requests.ConnectionError):
            sent.result()
    cluster.msg91.faults.clear(provider=None)
    blocked = send(nodes[0], key=key, phone=phone)
    with psycopg.connect(cluster.database_url) as database:
        look = "SELECT max(expires_at) - now() FROM api_idempotencyrecord WHERE answer = ''"
        (left,) = database.execute(look).fetchone() or (None,)
        database.execute("UPDATE api_idempotencyrecord SET expires_at = now() WHERE answer = ''")

    assert (blocked.status_code, blocked.json()["code"]) == (409, "idempotency_in_progress")
    assert left is not None
    assert left <= CLAIMED_FOR
    # What the killed one may have sent still counts for the phone's pause, which frees the key.
    assert wait_until(
        lambda: send(nodes[0], key=key, phone=phone).status_code == 200, seconds=CALL_SECONDS
    )
    assert len(cluster.msg91.inbox.find(to=phone)) == 1


@pytest.mark.parametrize("key", ["", "कुंजी".encode(), b"cl\xe9", "a b", "k" * 129])
def test_a_bad_key_is_refused_as_it_arrives(
    cluster: Cluster, nodes: list[Node], key: str | bytes
) -> None:
    """A server that dropped a header that is not ASCII would make it look as if there were none."""
    phone = some_phone()

    answer = send(nodes[0], key=key, phone=phone)

    assert answer.status_code == 400, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == ["Idempotency-Key"]
    assert not cluster.msg91.inbox.find(to=phone)
