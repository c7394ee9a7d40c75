"""The whole way over real sockets: MSG91 is gone, the SMS comes by Twilio."""

from __future__ import annotations

import re
import socket
from typing import Any

import pytest
from rest_framework.test import APIClient

from integrations import breaker
from integrations.models import GatewayCall
from integrations.testing import at_once, set_option
from sandbox.tests.calls import messages, order

PHONE = "+919876543210"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("second_route", "away")]


@pytest.fixture
def away(settings: Any, sandbox_url: str, free_port: int) -> None:
    """MSG91 where nobody listens, Twilio in the sandbox."""
    set_option(settings, "sms", base_url=f"http://127.0.0.1:{free_port}")
    set_option(settings, "sms_fallback", base_url=sandbox_url)


def send(api_client: Any) -> Any:
    return api_client.post("/integrations/sendOTP", {"phone": PHONE, "app": "CUSTAP"})


def rows() -> list[tuple[str, str]]:
    return list(GatewayCall.objects.order_by("started_at").values_list("provider", "outcome"))


def test_the_code_that_arrives_logs_in(api_client: Any, sandbox_url: str) -> None:
    sent = send(api_client)

    assert sent.status_code == 200
    [message] = messages(sandbox_url, to=PHONE)
    code = re.fullmatch(
        r"Your One-Time Password \(OTP\) is (\d{6})\. Valid for 2 minutes\.", message["text"]
    )
    assert code
    done = api_client.post(
        "/integrations/verifyOTP", {"challengeId": sent.json()["challengeId"], "otp": code[1]}
    )
    assert done.status_code == 200
    assert rows() == [("msg91", "unavailable"), ("twilio", "accepted")]


@pytest.mark.parametrize("fault", ["500", "429", "reset", "bad-key", "200-error"])
def test_both_gone_is_503(api_client: Any, sandbox_url: str, fault: str) -> None:
    order(sandbox_url, "twilio", fault)

    answer = send(api_client)

    assert (answer.status_code, answer.json()["code"]) == (503, "sms_unavailable")
    assert messages(sandbox_url) == []


def test_a_request_that_left_is_not_sent_again(
    api_client: Any, sandbox_url: str, settings: Any
) -> None:
    """MSG91 takes the request and never answers."""
    settings.PROVIDER_TIMEOUT_SECONDS = 0.2
    with socket.create_server(("127.0.0.1", 0), backlog=16) as silent:
        set_option(settings, "sms", base_url=f"http://127.0.0.1:{silent.getsockname()[1]}")

        answer = send(api_client)

    assert (answer.status_code, answer.json()["code"]) == (503, "sms_unavailable")
    assert rows() == [("msg91", "unknown")]
    assert messages(sandbox_url) == []


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_60_at_once_get_one_sms_each(sandbox_url: str, settings: Any) -> None:
    """While the breaker opens under way: whoever is told yes has one SMS, nobody has two."""
    settings.PROVIDER_SLOTS |= {"twilio": 60}
    settings.OTP_SENDS_PER_PREFIX_10MIN = 0  # they are all of one
    phones = [f"+9198765{number:05}" for number in range(60)]

    def ask(number: int) -> int:
        order = {"phone": phones[number], "app": "CUSTAP"}
        return int(APIClient().post("/integrations/sendOTP", order, format="json").status_code)

    answers = at_once(60, ask)

    assert answers == {200: 60}
    assert sorted(message["to"] for message in messages(sandbox_url)) == phones
    assert breaker.state("msg91") == breaker.OPEN
    accepted = GatewayCall.objects.filter(provider="twilio", outcome="accepted")
    assert accepted.values("reference").distinct().count() == 60
    assert GatewayCall.objects.filter(provider="msg91").count() == 60
