from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from sandbox.tests.calls import TWILIO_PATH, messages, order, send_mail, send_sms, send_twilio

pytestmark = pytest.mark.slow

SENDERS = [("msg91", send_sms), ("sendgrid", send_mail), ("twilio", send_twilio)]
each_provider = pytest.mark.parametrize(("provider", "send"), SENDERS)
Send = Callable[[str], requests.Response]
DRIPPED_READ_SECONDS = 1.0  # for each read; the whole answer takes longer


@each_provider
def test_timeout_never_answers(sandbox_url: str, provider: str, send: Send) -> None:
    order(sandbox_url, provider, "timeout")
    with pytest.raises(requests.ReadTimeout):
        _post(sandbox_url, provider, timeout=0.3)
    assert messages(sandbox_url) == []


@each_provider
def test_slow_answers_right_but_late(sandbox_url: str, provider: str, send: Send) -> None:
    order(sandbox_url, provider, "slow", 1)
    started = time.monotonic()
    assert send(sandbox_url).ok
    assert time.monotonic() - started >= 0.3
    assert len(messages(sandbox_url)) == 1


@each_provider
def test_drip_keeps_every_read_short(sandbox_url: str, provider: str, send: Send) -> None:
    order(sandbox_url, provider, "drip", 1)
    started = time.monotonic()
    assert _post(sandbox_url, provider, timeout=DRIPPED_READ_SECONDS).ok
    assert time.monotonic() - started > DRIPPED_READ_SECONDS


@each_provider
def test_500_is_theirs(sandbox_url: str, provider: str, send: Send) -> None:
    order(sandbox_url, provider, "500", 1)
    answer = send(sandbox_url)
    assert answer.status_code == 500
    assert isinstance(answer.json(), dict)


@each_provider
def test_502_is_a_page_of_the_edge(sandbox_url: str, provider: str, send: Send) -> None:
    order(sandbox_url, provider, "502-html", 1)
    answer = send(sandbox_url)
    assert answer.status_code == 502
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "Bad Gateway" in answer.text


def test_429_says_when_to_come_back(sandbox_url: str) -> None:
    order(sandbox_url, "msg91", "429", 1)
    order(sandbox_url, "sendgrid", "429", 1)
    sms, mail = send_sms(sandbox_url), send_mail(sandbox_url)
    assert sms.status_code == mail.status_code == 429
    assert sms.headers["Retry-After"] == "30"
    assert 0 < int(mail.headers["X-RateLimit-Reset"]) - time.time() <= 30


@each_provider
def test_reset_breaks_the_connection(sandbox_url: str, provider: str, send: Send) -> None:
    order(sandbox_url, provider, "reset", 1)
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        send(sandbox_url)
    assert send(sandbox_url).ok


def test_200_error_is_a_no_with_status_200(sandbox_url: str) -> None:
    order(sandbox_url, "msg91", "200-error", 1)
    order(sandbox_url, "sendgrid", "200-error", 1)
    sms, mail = send_sms(sandbox_url), send_mail(sandbox_url)
    assert sms.status_code == mail.status_code == 200
    assert sms.json()["type"] == "error"
    assert mail.json()["errors"]


def test_bad_key_refuses_the_right_key(sandbox_url: str) -> None:
    order(sandbox_url, "msg91", "bad-key", 1)
    order(sandbox_url, "sendgrid", "bad-key", 1)
    assert send_sms(sandbox_url).json()["code"] == "201"
    assert send_mail(sandbox_url).status_code == 401
    order(sandbox_url, "twilio", "bad-key", 1)
    assert send_twilio(sandbox_url).json()["code"] == 20003


def test_no_credit_is_the_401_of_a_bad_key_in_other_words(sandbox_url: str) -> None:
    order(sandbox_url, "sendgrid", "no-credit", 1)

    answer = send_mail(sandbox_url)

    assert answer.status_code == 401
    assert answer.json()["errors"][0]["message"] == "Maximum credits exceeded"
    assert messages(sandbox_url) == []


@pytest.mark.parametrize(("provider", "send"), SENDERS[:2])
def test_no_report_takes_the_message(sandbox_url: str, provider: str, send: Send) -> None:
    order(sandbox_url, provider, "no-report", 1)

    assert send(sandbox_url).ok
    assert len(messages(sandbox_url)) == 1


def test_an_order_ends_after_its_count(sandbox_url: str) -> None:
    order(sandbox_url, "msg91", "500", 2)
    assert [send_sms(sandbox_url).status_code for _ in range(3)] == [500, 500, 200]


def test_an_order_without_count_holds_until_cleared(sandbox_url: str) -> None:
    order(sandbox_url, "msg91", "500")
    order(sandbox_url, "sendgrid", "500")
    assert {send_sms(sandbox_url).status_code for _ in range(5)} == {500}
    requests.delete(f"{sandbox_url}/faults?provider=msg91", timeout=10)
    assert send_sms(sandbox_url).status_code == 200
    assert send_mail(sandbox_url).status_code == 500
    requests.delete(f"{sandbox_url}/faults", timeout=10)
    assert send_mail(sandbox_url).status_code == 202


def test_orders_can_be_read(sandbox_url: str) -> None:
    order(sandbox_url, "msg91", "slow", 3)

    state = requests.get(f"{sandbox_url}/faults", timeout=10).json()

    assert state["faults"] == [{"provider": "msg91", "fault": "slow", "count": 3}]
    assert state["hanging"] == {"msg91": 0, "sendgrid": 0, "twilio": 0, "azure_blob": 0}


def test_every_fault_that_is_listed_can_be_ordered(sandbox_url: str) -> None:
    providers = requests.get(f"{sandbox_url}/faults", timeout=10).json()["providers"]

    assert providers.keys() == {"msg91", "sendgrid", "twilio", "azure_blob"}
    for provider, faults in providers.items():
        assert len(faults) >= 9
        for fault in faults:
            order(sandbox_url, provider, fault)


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {"provider": "msg91"},
        {"provider": "sns", "fault": "500"},
        {"provider": ["msg91"], "fault": "500"},
        {"provider": "msg91", "fault": "flood"},
        {"provider": "twilio", "fault": "no-report"},
        {"provider": "azure_blob", "fault": "no-report"},
        {"provider": "msg91", "fault": "no-credit"},
        {"provider": "msg91", "fault": ["500"]},
        {"provider": "msg91", "fault": "500", "count": 0},
        {"provider": "msg91", "fault": "500", "count": "2"},
        {"provider": "msg91", "fault": "500", "count": True},
        {"provider": "msg91", "fault": "500", "times": 2},
    ],
)
def test_a_wrong_order_is_refused(sandbox_url: str, body: Any) -> None:
    answer = requests.post(f"{sandbox_url}/faults", json=body, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert send_sms(sandbox_url).ok


def test_a_thousand_requests_hang_at_once(sandbox_url: str) -> None:
    order(sandbox_url, "msg91", "timeout")
    asyncio.run(_hang(sandbox_url, requests_at_once=1000))
    ends_at = time.monotonic() + 10
    while _hanging(sandbox_url) and time.monotonic() < ends_at:
        time.sleep(0.05)
    assert _hanging(sandbox_url) == 0  # who gave up is not held any longer


async def _hang(url: str, *, requests_at_once: int) -> None:
    host, port = url.removeprefix("http://").split(":")
    raw = (
        f"POST /api/v5/otp HTTP/1.1\r\nHost: {host}\r\nauthkey: sandbox-msg91-key\r\n"
        "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    ).encode()

    async def open_one() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(raw)
        await writer.drain()
        return reader, writer

    opened = await asyncio.gather(*(open_one() for _ in range(requests_at_once)))
    try:
        ends_at = time.monotonic() + 20
        while await asyncio.to_thread(_hanging, url) < requests_at_once:
            assert time.monotonic() < ends_at
            await asyncio.sleep(0.05)
        answer = await asyncio.to_thread(send_mail, url)  # the other provider works meanwhile
        assert answer.status_code == 202
        assert await asyncio.to_thread(_hanging, url) == requests_at_once
    finally:
        for _, writer in opened:
            writer.close()
        await asyncio.gather(
            *(writer.wait_closed() for _, writer in opened), return_exceptions=True
        )


def _hanging(url: str) -> int:
    return int(requests.get(f"{url}/faults", timeout=10).json()["hanging"]["msg91"])


def _post(url: str, provider: str, *, timeout: float) -> requests.Response:
    paths = {"msg91": "/api/v5/otp", "sendgrid": "/v3/mail/send", "twilio": TWILIO_PATH}
    return requests.post(url + paths[provider], json={}, timeout=timeout)
