"""What providers report about a code shows in its challenge: forward only, in any order."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from api.timestamps import timestamp
from integrations.gateways import DeliveryReport, delivery_reported
from integrations.testing import at_once
from otp import challenges, metrics, retention
from otp.models import Challenge, Phone
from otp.tests.asking import PHONE, START, Asker

pytestmark = pytest.mark.django_db
THREE = START + timedelta(seconds=3)


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as clock:
        yield clock


@pytest.fixture
def asker(wire, clock):
    wire.msg91_accepts()
    asker = Asker(wire, address="192.0.2.1")
    asker.send()
    return asker


def report(challenge_id, state="delivered", *, after=3.0, reason="", reference=None):
    return DeliveryReport(
        provider="msg91",
        reference=reference or f"otp:{challenge_id}",
        state=state,
        at=START + timedelta(seconds=after),
        reason=reason,
    )


def tell(*reports):
    delivery_reported.send(sender=None, reports=list(reports))


def look(asker):
    return asker.client.get(f"/integrations/otp/{asker.challenge_id}").json()


def states(asker):
    return [event["state"] for event in look(asker)["events"]]


class TestForward:
    def test_delivered_is_told_with_the_providers_time(self, asker, clock):
        clock.shift(timedelta(seconds=32.5))
        tell(report(asker.challenge_id, after=3))

        told = look(asker)

        assert (told["state"], told["expiresIn"]) == ("delivered", 88)
        assert told["events"][-1] == {"state": "delivered", "at": timestamp(THREE)}

    def test_undelivered_tells_why_and_the_code_still_works(self, asker):
        tell(report(asker.challenge_id, "undelivered", reason="DND"))
        assert look(asker)["events"][-1] == {
            "state": "undelivered",
            "at": timestamp(THREE),
            "reason": "DND",
        }

        assert asker.verify().status_code == 200

        assert states(asker) == ["created", "accepted", "undelivered", "verified"]

    def test_delivered_after_undelivered_moves_on(self, asker):
        tell(report(asker.challenge_id, "undelivered", after=5))
        tell(report(asker.challenge_id, after=2))

        assert states(asker) == ["created", "accepted", "undelivered", "delivered"]

    @pytest.mark.parametrize("together", [True, False])
    def test_undelivered_after_delivered_does_nothing(self, asker, together):
        reports = [report(asker.challenge_id), report(asker.challenge_id, "undelivered", after=9)]
        if together:
            tell(*reports)
        else:
            tell(reports[0])
            tell(reports[1])

        assert states(asker) == ["created", "accepted", "delivered"]

    def test_both_of_one_batch_count_in_their_order(self, asker):
        tell(report(asker.challenge_id, "undelivered"), report(asker.challenge_id))

        assert states(asker) == ["created", "accepted", "undelivered", "delivered"]

    @pytest.mark.parametrize("state", ["delivered", "undelivered"])
    def test_nothing_moves_after_the_code_was_typed_in(self, asker, state):
        asker.verify()
        tell(report(asker.challenge_id, state))

        assert states(asker) == ["created", "accepted", "verified"]

    @pytest.mark.parametrize("state", ["delivered", "undelivered"])
    def test_nor_after_it_expired(self, asker, clock, state):
        clock.shift(timedelta(seconds=120))
        tell(report(asker.challenge_id, state))

        assert states(asker) == ["created", "accepted", "expired"]

    def test_a_delivered_one_expires(self, asker, clock):
        tell(report(asker.challenge_id))
        clock.shift(timedelta(seconds=120))

        assert states(asker) == ["created", "accepted", "delivered", "expired"]
        assert look(asker)["expiresIn"] == 0

    def test_the_first_report_of_a_state_counts(self, asker):
        tell(report(asker.challenge_id, "undelivered", after=3, reason="first"))
        tell(report(asker.challenge_id, "undelivered", after=4, reason="second"))
        tell(report(asker.challenge_id, after=5), report(asker.challenge_id, after=6))

        events = look(asker)["events"]
        assert [event["at"][17:19] for event in events[2:]] == ["03", "05"]
        assert events[2]["reason"] == "first"

    def test_a_time_before_the_providers_yes_is_that_of_the_yes(self, asker):
        tell(report(asker.challenge_id, "undelivered", after=-7200))
        tell(report(asker.challenge_id, after=-3600))

        events = look(asker)["events"]
        assert events[1]["at"] == events[2]["at"] == events[3]["at"]

    def test_what_is_none_of_ours_is_passed_over(self, asker):
        tell(
            report("", reference="mail:1"),
            report("", reference="otp:nonsense"),
            report("", reference=""),
            report(uuid4()),
            report(asker.challenge_id, "underway"),
        )

        assert states(asker) == ["created", "accepted"]

    def test_states_are_counted_once(self, asker):
        counter = metrics._challenges("delivered")._value
        before = counter.get()

        tell(report(asker.challenge_id))
        tell(report(asker.challenge_id))

        assert counter.get() == before + 1

    def test_a_persons_data_tells_when_it_arrived(self, asker):
        tell(report(asker.challenge_id))

        (row,) = retention.list_challenges(phone_e164=PHONE)
        assert row["deliveredAt"] == START + timedelta(seconds=3)


class TestFasterThanOurOwnRow:
    """The report is here before the provider's yes is written."""

    @pytest.fixture
    def challenge(self, clock):
        Phone.objects.create(pk=PHONE, last_request_at=START)
        return Challenge.objects.create(
            phone_id=PHONE, app="CUSTAP", client_address="", created_at=START, resend_at=START
        )

    def events(self, api_client, challenge):
        told = api_client.get(f"/integrations/otp/{challenge.pk}").json()
        assert told["state"] == told["events"][-1]["state"]
        return [(event["state"], event["at"][17:19]) for event in told["events"]]

    def test_it_is_kept_and_counts_from_the_yes(self, api_client, challenge, clock):
        tell(report(challenge.pk, "undelivered", after=1), report(challenge.pk, after=2))
        assert self.events(api_client, challenge) == [("created", "00")]

        clock.shift(timedelta(seconds=4))
        challenges.accept(challenge)

        assert self.events(api_client, challenge) == [
            ("created", "00"),
            ("accepted", "04"),
            ("undelivered", "04"),
            ("delivered", "04"),
        ]

    def test_a_later_time_stays(self, api_client, challenge, clock):
        tell(report(challenge.pk, after=30))
        challenges.accept(challenge)

        assert self.events(api_client, challenge)[-1] == ("delivered", "30")

    def test_a_failed_one_stays_failed(self, api_client, challenge):
        tell(report(challenge.pk))
        challenges.fail(challenge, costs=True)
        tell(report(challenge.pk), report(challenge.pk, "undelivered"))

        assert [state for state, _ in self.events(api_client, challenge)] == ["created", "failed"]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_50_reports_at_once_move_a_state_once(wire):
    wire.msg91_accepts()
    asker = Asker(wire, address="192.0.2.1")
    asker.send()
    now = timezone.now()
    before = metrics._challenges("delivered")._value.get()

    def act(number):
        state = "delivered" if number % 2 else "undelivered"
        told = report(asker.challenge_id, state, reason=str(number))
        tell(told)

    at_once(50, act)

    challenge = Challenge.objects.get()
    assert challenge.delivered_at is not None
    assert metrics._challenges("delivered")._value.get() == before + 1
    assert challenge.created_at < now


@pytest.mark.postgres
@pytest.mark.django_db
def test_a_thousand_reports_are_two_statements(django_assert_num_queries):
    now = timezone.now()
    Phone.objects.create(pk=PHONE, last_request_at=now)
    rows = Challenge.objects.bulk_create(
        Challenge(phone_id=PHONE, app="CUSTAP", client_address="", created_at=now, state="accepted")
        for _ in range(1000)
    )
    reports = [
        report(row.pk, "delivered" if at % 2 else "undelivered") for at, row in enumerate(rows)
    ]

    with django_assert_num_queries(2):
        tell(*reports)

    assert Challenge.objects.filter(delivered_at=None).count() == 500
    assert Challenge.objects.filter(undelivered_at=None).count() == 500
