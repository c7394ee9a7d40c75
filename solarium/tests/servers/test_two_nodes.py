"""Two servers over one PostgreSQL and one Redis behave as one."""

from __future__ import annotations

import time

import pytest

from sandbox.local.phones import some_phone

from .nodes import IP_SENDS, Cluster, Node, some_address

pytestmark = pytest.mark.postgres


def problem(answer, status, code):
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text
    return answer


def status_of(node, token):
    answer = node.call("GET", "/integrations/status", token=token)
    assert answer.status_code == 200, answer.text
    return answer.json()["providers"]["msg91"]


@pytest.fixture(scope="module")
def admin(cluster: Cluster, nodes: list[Node]) -> str:
    """The token of an ADMIN, made on the first node."""
    who = {"email": "ops@solarium.example", "password": "correct-horse-battery-7"}
    role = ("--role", "ADMIN", "--email", who["email"], "--name", "Ops")
    cluster.manage("create_user", *role, "--password-env", "PW", PW=who["password"])
    answer = nodes[0].call("POST", "/auth/login", **who)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["token"])


def test_a_session_lives_and_ends_on_both(cluster: Cluster, nodes: list[Node]) -> None:
    a, b = nodes
    phone = some_phone()
    sent = a.send(phone).json()
    code = {"challengeId": sent["challengeId"], "otp": cluster.msg91.code(phone)}

    token = b.call("POST", "/integrations/verifyOTP", **code).json()["token"]

    for node in nodes:
        assert node.call("GET", "/auth/me", token=token).json()["user"]["phone"] == phone
    problem(a.call("POST", "/integrations/verifyOTP", **code), 410, "otp_expired")
    assert a.call("POST", "/auth/logout", token=token).status_code == 200
    problem(b.call("GET", "/auth/me", token=token), 401, "not_authenticated")


def test_a_phone_is_limited_over_both(nodes: list[Node]) -> None:
    a, b = nodes
    phone = some_phone()

    assert a.send(phone).status_code == 200
    problem(b.send(phone), 429, "resend_too_soon")
    for node in (b, a):
        time.sleep(1.05)
        assert node.send(phone).status_code == 200

    problem(b.send(phone), 429, "send_limit_reached")


def test_an_address_is_limited_over_both(nodes: list[Node]) -> None:
    a, b = nodes
    client = some_address()
    for number in range(IP_SENDS):
        assert nodes[number % 2].send(client=client).status_code == 200

    for node in nodes:
        problem(node.send(client=client), 429, "send_limit_reached")

    # The proxy's word counts, not what the client wrote before it.
    problem(a.send(client=f"{some_address()}, {client}"), 429, "send_limit_reached")
    assert b.send(client=f"{client}, {some_address()}").status_code == 200


def test_a_breaker_opened_on_one_refuses_on_the_other(
    cluster: Cluster, nodes: list[Node], admin: str
) -> None:
    """S38: two calls of three attempts are five failures in a row."""
    a, b = nodes
    assert status_of(b, admin)["breaker"] == "closed"
    cluster.msg91.faults.order(provider="msg91", fault="500", count=None)
    for _ in range(2):
        problem(a.send(), 503, "sms_unavailable")
    cluster.msg91.faults.clear(provider="msg91")

    refused = problem(b.send(), 503, "sms_unavailable")

    assert 0 < int(refused.headers["Retry-After"]) <= 30
    seen = [status_of(node, admin) for node in nodes]
    assert seen[0] == seen[1]
    assert (seen[0]["breaker"], seen[0]["state"]) == ("open", "down")
    assert seen[0]["failuresLastMinute"] == 3  # two on A, the refused one on B
