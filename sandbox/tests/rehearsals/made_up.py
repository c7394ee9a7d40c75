"""Courses of rehearsals that never were: 100 s, fault from 10 s to 70 s, everything as it must be.

Each test changes one thing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sandbox.rehearsal import traffic
from sandbox.rehearsal.calls import Call, Step
from sandbox.rehearsal.course import Arrived, Course
from sandbox.rehearsal.expected import expect
from sandbox.rehearsal.plan import Limits, Plan
from sandbox.rehearsal.traffic import Sent
from sandbox.rehearsal.verdict import Check, judge
from sandbox.rehearsal.watch import Look

FAULT_AT, CLEARED_AT, RECOVERED_AT, ENDED_AT = 10.0, 70.0, 90.0, 190.0
OPENED_AT, ALERT_AT, ALERT_OVER_AT = 15.0, 32.0, 140.0
EVERY_SECONDS = 2.0
PHONE = "919800000001"


def plan(provider: str = "msg91", fault: str = "500", **changed: Any) -> Plan:
    """Return a plan by the numbers of the specification."""
    expected = expect(provider=provider, fault=fault)
    assert expected
    return Plan(
        **{
            "provider": provider,
            "fault": fault,
            "expected": expected,
            "limits": Limits(
                attempt_seconds=5,
                attempts=3,
                retry_wait_seconds=2,
                slot_wait_seconds=0.2,
                breaker_failures=5,
                breaker_open_seconds=30,
                alert_failures=10,
                files_at_once=2,
                mails_each=100,
                links_each=60,
            ),
            "backend_url": "http://127.0.0.1:1",
            "sandbox_url": "http://127.0.0.1:2",
            "before_seconds": FAULT_AT,
            "fault_seconds": CLEARED_AT - FAULT_AT,
            "recovery_seconds": 120,
            "every_seconds": EVERY_SECONDS,
            **changed,
        }
    )


def call(step: Step, at: float, **changed: Any) -> Call:
    """Return a call that went well within 20 ms."""
    return Call(**{"step": step, "started": at, "ended": at + 0.02, "status": 200, **changed})


def told(made: Plan, step: Step, at: float, **changed: Any) -> Call:
    """Return a call that was told of the failure in the words of the contract."""
    expected = made.expected
    return call(
        step,
        at,
        **{
            "status": expected.status,
            "code": expected.code,
            "detail": expected.detail,
            "retry_after": "60" if expected.status == 503 else "",
            **changed,
        },
    )


def course(made: Plan | None = None, *more: Call, **changed: Any) -> Course:
    """Return a course as it must be, with further calls and other facts where given."""
    made = made or plan()
    return Course(
        **{
            "plan": made,
            "began_on": datetime(2026, 11, 24, 12, tzinfo=UTC),
            "calls": sorted([*_calls(made), *more], key=lambda one: one.started),
            "looks": list(looks(made)),
            "fault_at": FAULT_AT,
            "cleared_at": CLEARED_AT,
            "ended_at": ENDED_AT,
            "sent": Sent(phones=[PHONE], titles=["Rehearsal 1"], states=[]),
            "arrived": Arrived(codes={PHONE: ["314159"]}, mails=["Rehearsal 1\n\nAll is well."]),
            **changed,
        }
    )


def looks(made: Plan) -> Iterator[Look]:
    """Look every second: breaker and alert as the fault asks for them."""
    for at in range(int(ENDED_AT)):
        is_open = made.expected.opens_breaker and OPENED_AT <= at < RECOVERED_AT
        is_alert = bool(made.expected.alert) and ALERT_AT <= at < ALERT_OVER_AT
        yield look(
            at,
            breaker={made.provider: "open"} if is_open else {},
            alerts=[(made.provider, made.expected.alert)] if is_alert else [],
        )


def look(at: float, *, breaker: dict[str, str], alerts: list[tuple[str, str]]) -> Look:
    """Return one look; breakers are closed where nothing else is said."""
    closed = dict.fromkeys(("msg91", "sendgrid", "azure_blob"), "closed")
    return Look(at=at, breakers=closed | breaker, alerts=frozenset(alerts), states={})


def check(made: Course, name: str) -> Check:
    """Return one of the checks."""
    (found,) = [one for one in judge(made) if one.name == name]
    return found


def _calls(made: Plan) -> Iterator[Call]:
    times = [1 + EVERY_SECONDS * number for number in range(int((ENDED_AT - 2) / EVERY_SECONDS))]
    for at in times:
        fails = made.expected.is_noticed and FAULT_AT <= at < RECOVERED_AT
        if at >= CLEARED_AT and not made.expected.opens_breaker:
            fails = False
        for step in (traffic.SEND_CODE, traffic.STATE, traffic.MAIL, traffic.UPLOAD_LINK):
            is_hit = fails and step.provider == made.provider
            yield told(made, step, at) if is_hit else call(step, at)
        for step in (traffic.CONFIRM, traffic.DOWNLOAD_LINK):
            is_hit = fails and step.provider == made.provider
            yield told(made, step, at) if is_hit else call(step, at)
