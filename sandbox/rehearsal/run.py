"""One rehearsal from beginning to end; whatever happens, the fault is taken back."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sandbox.rehearsal import people, watch
from sandbox.rehearsal.course import Arrived, Course
from sandbox.rehearsal.plan import WATCH_PER_ROUND, Plan
from sandbox.rehearsal.stand_ins import NotReady, StandIns
from sandbox.rehearsal.traffic import Traffic
from sandbox.rehearsal.watch import Watch

POLL_SECONDS = 0.1
STILL_SECONDS = 15.0
ROUNDS_AFTERWARDS = 2  # so many more before it ends, when all is as before


@dataclass(kw_only=True)
class Rehearsal:
    """Orders the fault in a system that is in use; ``say`` writes a line for people."""

    plan: Plan
    say: Callable[[str], None]
    _began_on: datetime = field(default_factory=lambda: datetime.now(UTC))
    _fault_at: float = math.inf
    _cleared_at: float = math.inf
    _told: set[tuple[float, str]] = field(default_factory=set)
    _said_at: float = 0.0

    def go(self) -> Course:
        """Rehearse.

        Raises:
            NotReady: It could not begin, or the flows did not work before the fault.
        """
        plan, sandbox = self.plan, StandIns(url=self.plan.sandbox_url)
        _check_fault(plan, sandbox)
        staff: dict[str, str] = {}
        try:
            self.say(f"Logging people in at {plan.backend_url} …")
            people.make_staff(into=staff, count=people.staff_needed(plan))
            tokens = people.log_in(plan=plan, staff=staff)
            watch.check_healthy(url=plan.backend_url, token=tokens[0])
            somebody = people.gather(plan=plan, staff=tokens, sandbox=sandbox)
            return self._phases(Traffic(plan=plan, people=somebody, sandbox=sandbox), sandbox)
        finally:
            people.remove_staff(staff)

    def _phases(self, traffic: Traffic, sandbox: StandIns) -> Course:
        plan = self.plan
        seen = Watch(
            url=plan.backend_url,
            token=traffic.people.staff[0],
            record=traffic.record,
            every_seconds=plan.every_seconds / WATCH_PER_ROUND,
        )
        try:
            traffic.start()
            seen.start()
            time.sleep(plan.before_seconds)
            _check_flows(traffic)
            self._fault(traffic, seen, sandbox)
            self._follow(traffic, seen, until=self._cleared_at + plan.recovery_seconds)
            traffic.stop()
            traffic.wait()
        finally:
            traffic.stop()
            seen.stop()
        mails = [one["text"] for one in sandbox.messages() if one["channel"] == "email"]
        arrived = Arrived(codes=sandbox.codes(), mails=mails)
        course = self._course(traffic, seen, arrived)
        self._tell(course)
        return course

    def _fault(self, traffic: Traffic, seen: Watch, sandbox: StandIns) -> None:
        plan = self.plan
        try:
            sandbox.order(provider=plan.provider, fault=plan.fault)
            self._fault_at = traffic.record.now()
            self._follow(traffic, seen, until=self._fault_at + plan.fault_seconds)
        finally:
            sandbox.clear(provider=plan.provider)
            self._cleared_at = traffic.record.now()

    def _follow(self, traffic: Traffic, seen: Watch, *, until: float) -> None:
        """Tell what happens until the time is over, or all is as before the fault."""
        fine_since: float | None = None
        while (now := traffic.record.now()) < until:
            course = self._course(traffic, seen)
            self._tell(course)
            fine_since = (fine_since or now) if _is_as_before(course) else None
            if fine_since is not None and now - fine_since >= self._enough_seconds:
                return
            time.sleep(POLL_SECONDS)

    @property
    def _enough_seconds(self) -> float:
        return ROUNDS_AFTERWARDS * self.plan.every_seconds

    def _course(self, traffic: Traffic, seen: Watch, arrived: Arrived | None = None) -> Course:
        return Course(
            plan=self.plan,
            began_on=self._began_on,
            calls=traffic.record.calls(),
            looks=seen.looks(),
            fault_at=self._fault_at,
            cleared_at=self._cleared_at,
            ended_at=traffic.record.now(),
            sent=traffic.sent,
            arrived=arrived or Arrived(),
        )

    def _tell(self, course: Course) -> None:
        now = course.ended_at
        for at, event in course.events:
            if at <= now and (at, event) not in self._told:
                self._told.add((at, event))
                self.say(f"{at:7.1f} s  {event}")
        if now - self._said_at > STILL_SECONDS:
            self._said_at = now
            fine = sum(call.is_ok for call in course.calls)
            self.say(f"{now:7.1f} s  … {len(course.calls)} requests, {fine} as they should be")


def _check_fault(plan: Plan, sandbox: StandIns) -> None:
    faults = sandbox.faults()
    known = faults["providers"].get(plan.provider, [])
    if plan.fault not in known:
        raise NotReady(f"The sandbox knows no {plan.fault} of {plan.provider}.")
    if faults["faults"]:
        ordered = ", ".join(f"{one['provider']} {one['fault']}" for one in faults["faults"])
        raise NotReady(f"The sandbox has a fault under way: {ordered}. End it first.")


def _check_flows(traffic: Traffic) -> None:
    calls = traffic.record.calls()
    failed = [call for call in calls if not call.is_ok]
    if failed or not calls:
        why = f"{failed[0].step.name}: {failed[0].status} {failed[0].code}" if failed else "no call"
        raise NotReady(f"The flows do not work without the fault either ({why.strip()}).")


def _is_as_before(course: Course) -> bool:
    """Whether nothing is left to wait for: calls succeed, breaker closed, alert over."""
    if course.recovered_at is None:
        return False
    if any(span.end is None for span in course.breaker_spans):
        return False
    span, plan = course.alert_span, course.plan
    if plan.expected.alert and plan.recovery_seconds >= plan.alert_over_within_seconds:
        return span is not None and span.end is not None
    return True
