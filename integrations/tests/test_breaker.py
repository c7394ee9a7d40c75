"""The breaker: five failures in a row open it, one probe closes it."""

from __future__ import annotations

import threading
from uuid import uuid4

import pytest
import requests
import time_machine
from django.core.cache import cache

from integrations import breaker, gateways
from integrations.errors import NotAdmitted
from integrations.models import GatewayCall, Outcome
from integrations.testing import at_once

pytestmark = pytest.mark.django_db

START = "2026-11-24T10:00:00Z"


@pytest.fixture
def clock(settings):
    """A clock that a test moves; the in-process cache lives by it, Redis would not."""
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "LOCATION": str(uuid4()),
        }
    }
    with time_machine.travel(START, tick=False) as travel:
        yield travel


def fail(times: int = 1) -> None:
    for _ in range(times):
        with breaker.permit(provider="msg91") as permit:
            permit.failed()


def answer() -> None:
    with breaker.permit(provider="msg91") as permit:
        permit.answered()


class TestOpening:
    def test_five_in_a_row(self):
        fail(4)
        assert breaker.state("msg91") == breaker.CLOSED

        fail()

        assert breaker.state("msg91") == breaker.OPEN
        with pytest.raises(NotAdmitted) as refused, breaker.permit(provider="msg91"):
            pass
        assert 1 <= refused.value.retry_after_seconds <= 30

    def test_any_other_answer_ends_the_row(self):
        fail(4)
        answer()
        fail(4)

        assert breaker.state("msg91") == breaker.CLOSED
        fail()
        assert breaker.state("msg91") == breaker.OPEN

    def test_other_providers_stay_closed(self):
        fail(5)

        assert breaker.state("sendgrid") == breaker.CLOSED

    def test_of_five_at_once(self):
        start = threading.Barrier(5)

        def together(_: int) -> bool:
            with breaker.permit(provider="msg91") as permit:
                start.wait(5)
                permit.failed()
            return True

        at_once(5, together)

        assert breaker.state("msg91") == breaker.OPEN

    def test_the_five_must_lie_within_30_seconds(self, clock):
        for _ in range(8):  # always four within any 30 s
            fail()
            clock.shift(9)

        assert breaker.state("msg91") == breaker.CLOSED

    def test_the_window_slides(self, clock):
        fail()
        clock.shift(28)
        fail()
        clock.shift(3)  # the first is over
        fail(3)
        assert breaker.state("msg91") == breaker.CLOSED

        fail()

        assert breaker.state("msg91") == breaker.OPEN


class TestHalfOpen:
    @pytest.fixture(autouse=True)
    def _half_open(self, clock):
        fail(5)
        clock.shift(29)
        assert breaker.state("msg91") == breaker.OPEN
        clock.shift(2)
        assert breaker.state("msg91") == breaker.HALF_OPEN

    def test_admits_one_probe_at_a_time(self):
        with breaker.permit(provider="msg91") as first:
            assert first.probe
            with pytest.raises(NotAdmitted), breaker.permit(provider="msg91"):
                pass

    def test_an_answer_to_the_probe_closes(self):
        answer()

        assert breaker.state("msg91") == breaker.CLOSED
        fail(4)
        assert breaker.state("msg91") == breaker.CLOSED

    def test_a_failed_probe_opens_for_30_seconds_more(self, clock):
        fail()

        assert breaker.state("msg91") == breaker.OPEN
        clock.shift(31)
        answer()
        assert breaker.state("msg91") == breaker.CLOSED

    def test_a_probe_that_found_no_slot_leaves_its_place(self):
        with breaker.permit(provider="msg91"):
            pass

        with breaker.permit(provider="msg91") as next_one:
            assert next_one.probe

    def test_a_killed_probe_frees_its_place_in_time(self, clock):
        cache.add("breaker:msg91:probe", 1, timeout=6.2)
        clock.shift(7)

        with breaker.permit(provider="msg91") as next_one:
            assert next_one.probe


class TestCalls:
    def test_attempts_count_and_the_opening_ends_the_retries(self, wire):
        """Two calls of three attempts would be six: the fifth opens it."""
        wire.msg91_answers(status=500)
        for _ in range(2):
            with pytest.raises(gateways.GatewayUnavailable):
                send()

        assert len(wire.mock.calls) == 5

    def test_a_refused_call_asks_nobody_and_stands_in_the_audit(self, wire):
        wire.msg91_answers(body=requests.ConnectionError())
        fail(5)

        with pytest.raises(gateways.GatewayUnavailable) as refused:
            send()

        assert not wire.mock.calls
        assert refused.value.provider_code == "breaker_open"
        assert not refused.value.maybe_accepted
        assert 1 <= refused.value.retry_after_seconds <= 30
        row = GatewayCall.objects.get()
        assert (row.outcome, row.failure, row.attempts) == (Outcome.REFUSED, True, [])
        assert row.finished_at is not None

    def test_a_probe_is_one_attempt(self, wire, clock):
        wire.msg91_answers(status=500)
        fail(5)
        clock.shift(31)

        with pytest.raises(gateways.GatewayUnavailable):
            send()

        assert len(wire.mock.calls) == 1
        assert breaker.state("msg91") == breaker.OPEN

    @pytest.mark.parametrize(
        "answer",
        [
            {"status": 429},
            {"status": 200, "body": "<html>"},
            {"status": 401, "json": {"type": "error", "message": "Invalid authkey"}},
            {"status": 200, "json": {"type": "error", "message": "template"}},
        ],
    )
    def test_what_is_an_answer_never_opens(self, wire, answer):
        wire.msg91_answers(**answer)

        for _ in range(6):
            with pytest.raises(gateways.GatewayError):
                send()

        assert breaker.state("msg91") == breaker.CLOSED


class TestWithoutTheCache:
    @pytest.fixture(autouse=True)
    def _gone(self, settings, free_port):
        settings.CACHES = {
            "default": {
                "BACKEND": "django.core.cache.backends.redis.RedisCache",
                "LOCATION": f"redis://127.0.0.1:{free_port}/0",
            }
        }

    def test_behaves_as_closed(self, wire):
        wire.msg91_answers(status=500)
        for _ in range(4):
            with pytest.raises(gateways.GatewayUnavailable):
                send()

        assert len(wire.mock.calls) == 12
        assert breaker.state("msg91") == breaker.CLOSED


def send() -> gateways.SMSReceipt:
    return gateways.send_otp(to="+919800000000", code="123456", reference="otp:test")
