"""What happened in one rehearsal, and what follows from it; times in seconds since its begin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Literal

from sandbox.rehearsal.calls import Call, Outcome, Step, outcome
from sandbox.rehearsal.plan import Plan
from sandbox.rehearsal.traffic import Sent
from sandbox.rehearsal.watch import Look

Phase = Literal["before", "fault", "after"]
PHASES: tuple[Phase, ...] = ("before", "fault", "after")


@dataclass(frozen=True, kw_only=True)
class Span:
    """A time with its end; ``end`` None: it was not over when nobody looked any more."""

    start: float
    end: float | None


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """What came into the inbox: codes by phone, and the texts of mails."""

    codes: dict[str, list[str]] = field(default_factory=dict)
    mails: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Course:
    """The facts; ``cleared_at`` is infinite while the fault lasts."""

    plan: Plan
    began_on: datetime
    calls: Sequence[Call]
    looks: Sequence[Look]
    fault_at: float
    cleared_at: float
    ended_at: float
    sent: Sent
    arrived: Arrived

    def outcome(self, call: Call) -> Outcome:
        """Judge a call; the provider's failure is no excuse once the service had recovered."""
        found = outcome(call, provider=self.plan.provider, expected=self.plan.expected)
        is_excused = call.ended >= self.fault_at and (
            self.recovered_at is None or call.started <= self.recovered_at
        )
        return found if found == "ok" or is_excused else "wrong"

    def phase(self, call: Call) -> Phase:
        """Say in which phase a call was answered; one that met the fault belongs to it."""
        if call.ended < self.fault_at:
            return "before"
        return "fault" if call.started < self.cleared_at else "after"

    def select(
        self, *, phase: Phase | None = None, step: Step | None = None, flow: str = ""
    ) -> list[Call]:
        """Return the calls of a phase, of a step, of a flow."""
        return [
            call
            for call in self.calls
            if (phase is None or self.phase(call) == phase)
            and (step is None or call.step == step)
            and (not flow or call.step.flow == flow)
        ]

    @cached_property
    def touched(self) -> list[Call]:
        """The calls for which the backend asks the provider that fails."""
        return [call for call in self.calls if call.step.provider == self.plan.provider]

    @cached_property
    def first_failure_at(self) -> float | None:
        """When the first answer that told of the failure came."""
        failed = [call.ended for call in self.touched if not call.is_ok]
        return min(failed, default=None)

    @cached_property
    def recovered_at(self) -> float | None:
        """When the first call that began after the fault's end had succeeded."""
        fine = [
            call.ended for call in self.touched if call.is_ok and call.started >= self.cleared_at
        ]
        return min(fine, default=None)

    @cached_property
    def breaker_spans(self) -> list[Span]:
        """When the provider's breaker was not closed."""
        return _spans(self.looks, lambda seen: seen.breakers[self.plan.provider] != "closed")

    @cached_property
    def alert_span(self) -> Span | None:
        """When the alert that must come was open; the first such time."""
        wanted = (self.plan.provider, self.plan.expected.alert)
        return next(iter(_spans(self.looks, lambda seen: wanted in seen.alerts)), None)

    @cached_property
    def other_alerts(self) -> list[str]:
        """Alerts that should not have come."""
        wanted = (self.plan.provider, self.plan.expected.alert)
        seen = {alert for look in self.looks for alert in look.alerts} - {wanted}
        return sorted(f"{provider} {kind}" for provider, kind in seen)

    @cached_property
    def other_breakers(self) -> list[str]:
        """Providers whose breaker opened though they did not fail."""
        opened = {
            name
            for look in self.looks
            for name, state in look.breakers.items()
            if state != "closed"
        }
        return sorted(opened - {self.plan.provider})

    @cached_property
    def events(self) -> list[tuple[float, str]]:
        """The timeline."""
        plan = self.plan
        found = [
            (self.fault_at, f"fault ordered: {plan.provider} {plan.fault}"),
            (self.cleared_at, "fault ended"),
        ]
        if self.first_failure_at is not None:
            found.append((self.first_failure_at, "first failure told to a user"))
        if self.recovered_at is not None:
            found.append((self.recovered_at, "first success after the fault"))
        for span in self.breaker_spans:
            found.append((span.start, "breaker open"))
            if span.end is not None:
                found.append((span.end, "breaker closed"))
        if self.alert_span is not None:
            found.append((self.alert_span.start, f"alert: {plan.expected.alert}"))
            if self.alert_span.end is not None:
                found.append((self.alert_span.end, "alert over"))
        return sorted(found)


def _spans(looks: Sequence[Look], is_on: Callable[[Look], bool]) -> list[Span]:
    spans: list[Span] = []
    start: float | None = None
    for seen in looks:
        if is_on(seen) and start is None:
            start = seen.at
        elif not is_on(seen) and start is not None:
            spans.append(Span(start=start, end=seen.at))
            start = None
    return spans if start is None else [*spans, Span(start=start, end=None)]
