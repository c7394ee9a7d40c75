"""No order of events moves a challenge backwards or makes two sessions from one code."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from api.problems import Problem
from integrations.gateways import DeliveryReport, delivery_reported
from otp import challenges, codes, login, presenting
from otp.models import Challenge, Phone
from otp.tests.asking import PHONE, START

CODE = "123456"
RANK = {
    name: rank
    for rank, name in enumerate(
        ("created", "accepted", "undelivered", "delivered", "verified", "failed", "expired")
    )
}
ENDS = ("verified", "failed", "expired")


class Life(RuleBasedStateMachine):
    """One challenge, and everything that may happen to it, in any order and repeatedly."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = time_machine.travel(START, tick=False)
        self.time = self.clock.start()
        Phone.objects.get_or_create(pk=PHONE, defaults={"last_request_at": START})
        challenge_id = uuid.uuid4()
        digest, pepper_id = codes.make_digest(
            challenge_id=challenge_id, phone_e164=PHONE, code=CODE
        )
        self.challenge = Challenge.objects.create(
            id=challenge_id, phone_id=PHONE, app="CUSTAP", code_digest=digest, pepper_id=pepper_id,
            client_address="", created_at=START, resend_at=START + timedelta(seconds=30),
        )  # fmt: skip
        self.sessions = 0
        self.events: list[dict[str, str]] = []

    def teardown(self) -> None:
        self.clock.stop()

    @rule()
    def accept(self) -> None:
        challenges.accept(Challenge.objects.get(pk=self.challenge.pk))

    @rule(costs=st.booleans())
    def fail(self, costs: bool) -> None:
        challenges.fail(self.challenge, costs=costs)

    @rule(
        states=st.lists(st.sampled_from(["delivered", "undelivered", "underway"]), max_size=3),
        seconds=st.integers(-200, 200),
    )
    def report(self, states: list[str], seconds: int) -> None:
        at = timezone.now() + timedelta(seconds=seconds)
        delivery_reported.send(
            sender=None,
            reports=[
                DeliveryReport(
                    provider="msg91", reference=f"otp:{self.challenge.pk}", state=state, at=at,
                    reason="",
                )
                for state in states
            ],
        )  # fmt: skip

    @rule(code=st.sampled_from([CODE, CODE, "654321"]))
    def verify(self, code: str) -> None:
        try:
            login.verify_code(
                challenge_id=self.challenge.pk, code=code, proof=None, now=timezone.now()
            )
        except Problem:
            return
        assert code == CODE
        self.sessions += 1

    @precondition(lambda self: timezone.now() < START + timedelta(minutes=8))
    @rule(seconds=st.sampled_from([1, 59, 119, 120]))
    def wait(self, seconds: int) -> None:
        self.time.shift(timedelta(seconds=seconds))

    @invariant()
    def never_two_sessions(self) -> None:
        assert self.sessions <= 1

    @invariant()
    def only_forward(self) -> None:
        challenge = Challenge.objects.get(pk=self.challenge.pk)
        told = presenting.present_state(challenge, now=timezone.now())
        names = [event["state"] for event in told["events"]]
        before = [event["state"] for event in self.events]

        assert names == sorted(set(names), key=RANK.__getitem__), "each once, in order"
        assert told["state"] == names[-1]
        assert names[: len(before)] == before, "nothing is taken back or slips in behind"
        if before and before[-1] in ENDS:
            assert told["events"] == self.events, "an end is an end"
        assert ("verified" in names) == (self.sessions == 1)
        accepted = [event["at"] for event in told["events"] if event["state"] == "accepted"]
        for event in told["events"]:
            if event["state"] in ("delivered", "undelivered"):
                assert event["at"] >= accepted[0], "never earlier than accepted"
        self.events = told["events"]


@pytest.mark.slow
@pytest.mark.django_db
def test_no_order_of_events_moves_a_state_backwards_or_makes_two_sessions():
    class Fresh(Life):
        """Each example is rolled back."""

        def __init__(self) -> None:
            self.atomic = transaction.atomic()
            self.atomic.__enter__()
            super().__init__()

        def teardown(self) -> None:
            super().teardown()
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    Fresh.TestCase.settings = settings(
        max_examples=60, stateful_step_count=20, deadline=None, database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )  # fmt: skip
    Fresh.TestCase("runTest").runTest()
