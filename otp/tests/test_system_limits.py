"""Limits over many phones: prefix, minute, budget (S14), and what a refusal uses up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine

from otp import demo_numbers
from otp.models import Challenge, DaySpend, Phone

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)  # 12:00 in Kolkata


@pytest.fixture(autouse=True)
def clock(wire, settings):
    wire.msg91_accepts()
    settings.OTP_SENDS_PER_PREFIX_10MIN = 0
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def send(api_client, number=0, *, prefix="+91987654", address="192.0.2.1"):
    body = {"phone": f"{prefix}{number:04d}", "app": "CUSTAP"}
    return api_client.post("/integrations/sendOTP", body, REMOTE_ADDR=address)


def verdict(answer):
    return answer.status_code, answer.json().get("code"), answer.headers.get("Retry-After")


def verify(api_client, sent, code):
    body = {"challengeId": sent.json()["challengeId"], "otp": code}
    return api_client.post("/integrations/verifyOTP", body)


class TestPrefix:
    @pytest.fixture(autouse=True)
    def limit(self, settings):
        settings.OTP_SENDS_PER_PREFIX_10MIN = 10

    def test_ten_unverified_numbers_of_a_prefix_and_no_more(self, api_client):
        assert [send(api_client, n).status_code for n in range(10)] == [200] * 10

        assert verdict(send(api_client, 10)) == (429, "send_limit_reached", "600")
        assert send(api_client, prefix="+91987655").status_code == 200
        assert Phone.objects.count() == Challenge.objects.count() == 11

    def test_the_window_slides_and_is_exact_at_its_edge(self, api_client, clock):
        for number in range(10):
            send(api_client, number)
            clock.shift(timedelta(seconds=10))

        assert send(api_client, 10)["Retry-After"] == "500"
        clock.shift(timedelta(seconds=499))
        assert send(api_client, 10).status_code == 429
        clock.shift(timedelta(seconds=1))
        assert send(api_client, 10).status_code == 200
        assert send(api_client, 11).status_code == 429

    def test_a_verified_one_is_given_back(self, api_client, wire):
        first = send(api_client, 0)
        code = wire.codes()[-1]
        for number in range(1, 10):
            send(api_client, number)
        assert send(api_client, 10).status_code == 429

        assert verify(api_client, first, code).status_code == 200

        assert send(api_client, 10).status_code == 200
        assert send(api_client, 11).status_code == 429

    def test_one_that_surely_failed_is_given_back(self, api_client, wire):
        for number in range(9):
            send(api_client, number)
        wire.mock.reset()
        for _ in range(3):
            wire.msg91_answers(status=500)
        assert send(api_client, 9).status_code == 503
        wire.msg91_accepts()

        assert send(api_client, 10).status_code == 200
        assert send(api_client, 11).status_code == 429

    def test_the_same_phone_twice_counts_twice(self, api_client, settings):
        settings.OTP_COOLDOWN_SECONDS = [0]
        settings.OTP_SENDS_PER_PREFIX_10MIN = 2

        assert [send(api_client).status_code for _ in range(3)] == [200, 200, 429]


class TestMinute:
    def test_so_many_a_minute_from_everywhere(self, api_client, settings, clock):
        settings.OTP_SENDS_PER_MINUTE = 3

        answers = [send(api_client, n, address=f"192.0.2.{n}") for n in range(4)]

        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert verdict(answers[3]) == (429, "send_limit_reached", "60")
        clock.shift(timedelta(seconds=61))
        assert send(api_client, 4).status_code == 200

    def test_one_that_surely_failed_is_given_back(self, api_client, settings, wire):
        settings.OTP_SENDS_PER_MINUTE = 1
        wire.mock.reset()
        for _ in range(3):
            wire.msg91_answers(status=500)

        assert send(api_client).status_code == 503
        wire.msg91_accepts()

        assert send(api_client).status_code == 200
        assert send(api_client, 1).status_code == 429

    def test_goes_on_per_process_while_the_cache_is_down(self, api_client, settings):
        """S21."""
        settings.OTP_SENDS_PER_MINUTE = 2
        before, settings.CACHE_URL = settings.CACHE_URL, "redis://127.0.0.1:1/0"

        answers = [send(api_client, number).status_code for number in range(3)]

        settings.CACHE_URL = before
        assert answers == [200, 200, 429]


class TestBudget:
    @pytest.fixture(autouse=True)
    def budget(self, settings):
        settings.OTP_DAILY_BUDGET_RUPEES = 1  # five codes

    def test_ends_at_the_last_paisa_and_begins_again_at_midnight_in_kolkata(
        self, api_client, clock
    ):
        assert [send(api_client, n).status_code for n in range(5)] == [200] * 5
        assert verdict(send(api_client, 5)) == (429, "send_limit_reached", str(12 * 3600))

        clock.shift(timedelta(hours=12, seconds=-1))
        assert send(api_client, 5)["Retry-After"] == "1"
        clock.shift(timedelta(seconds=1))
        assert send(api_client, 5).status_code == 200
        assert [spend.paise for spend in DaySpend.objects.order_by("day")] == [100, 20]

    def test_a_known_phone_gets_the_same_answer(self, api_client, wire, settings):
        sent = send(api_client, 0)
        verify(api_client, sent, wire.codes()[-1])
        for number in range(1, 5):
            send(api_client, number)

        assert verdict(send(api_client, 0)) == verdict(send(api_client, 9))

    def test_a_price_that_no_longer_fits_is_refused(self, api_client, settings):
        settings.OTP_PRICE_PAISE = 60

        assert [send(api_client, n).status_code for n in range(2)] == [200, 429]

    def test_one_that_surely_failed_is_given_back(self, api_client, wire):
        wire.mock.reset()
        for _ in range(3):
            wire.msg91_answers(status=500)
        assert send(api_client).status_code == 503
        wire.msg91_accepts()

        assert DaySpend.objects.get().paise == 0
        assert [send(api_client, n).status_code for n in range(6)] == [200] * 5 + [429]

    def test_none_is_counted_where_none_is_set(self, api_client, settings):
        settings.OTP_DAILY_BUDGET_RUPEES = 0

        assert [send(api_client, n).status_code for n in range(6)] == [200] * 6
        assert not DaySpend.objects.exists()


class TestSeveralAtOnce:
    def test_the_longest_wait_speaks(self, api_client, settings):
        """The phone's pause is 30 s, the address waits 600 s, the budget until midnight."""
        settings.OTP_SENDS_PER_IP_10MIN = 1
        send(api_client)

        assert verdict(send(api_client)) == (429, "send_limit_reached", "600")
        settings.OTP_DAILY_BUDGET_RUPEES, settings.OTP_PRICE_PAISE = 1, 101
        assert verdict(send(api_client)) == (429, "send_limit_reached", str(12 * 3600))

    def test_the_phones_day_is_longer_than_the_address(self, api_client, settings):
        settings.OTP_SENDS_PER_IP_10MIN = settings.OTP_SENDS_PER_PHONE_DAY = 1
        send(api_client)

        assert verdict(send(api_client)) == (429, "send_limit_reached", "86400")

    def test_what_one_limit_refuses_uses_up_no_other(self, api_client, settings):
        settings.OTP_SENDS_PER_IP_10MIN = settings.OTP_SENDS_PER_MINUTE = 2
        settings.OTP_SENDS_PER_PREFIX_10MIN = 2
        settings.OTP_DAILY_BUDGET_RUPEES, settings.OTP_PRICE_PAISE = 1, 50
        send(api_client)

        refused = [send(api_client) for _ in range(5)]  # the phone's pause

        assert {answer.json()["code"] for answer in refused} == {"resend_too_soon"}
        assert send(api_client, 1).status_code == 200
        assert Challenge.objects.count() == 2

    def test_what_an_address_is_refused_uses_up_nothing_of_the_phone(self, api_client, settings):
        settings.OTP_SENDS_PER_IP_10MIN = 1
        settings.OTP_SENDS_PER_MINUTE = 2
        send(api_client)

        assert [send(api_client, 1).status_code for _ in range(4)] == [429] * 4
        assert send(api_client, 1, address="192.0.2.2").status_code == 200


def test_a_demo_number_costs_nothing_and_is_not_counted(api_client, settings):
    settings.OTP_SENDS_PER_PREFIX_10MIN = settings.OTP_SENDS_PER_MINUTE = 1
    settings.OTP_DAILY_BUDGET_RUPEES, settings.OTP_PRICE_PAISE = 1, 100
    demo_numbers.make(
        phone_e164="+919876540000", role="CUSTOMER", ends_at=NOON + timedelta(days=1),
        made_by=uuid4(), now=NOON,
    )  # fmt: skip
    assert [send(api_client, n).status_code for n in (1, 2)] == [200, 429]

    assert send(api_client, 0).status_code == 200

    assert DaySpend.objects.get().paise == 100
