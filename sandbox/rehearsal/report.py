"""A rehearsal as a page for people and as one JSON object."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from api.timestamps import timestamp
from sandbox.rehearsal import chart
from sandbox.rehearsal.course import PHASES, Course
from sandbox.rehearsal.figures import Figures, figures
from sandbox.rehearsal.traffic import FLOWS, STEPS
from sandbox.rehearsal.verdict import Check

WELL, NOT_WELL = "Everything was as it must be.", "Something was not as it must be."
WORDS = {True: "yes", False: "**no**", None: "not seen"}


def passed(checks: Sequence[Check]) -> bool:
    """Whether nothing that could be seen was wrong."""
    return all(check.is_met is not False for check in checks)


def as_data(course: Course, checks: Sequence[Check]) -> dict[str, Any]:
    """Return the result for ``--json``."""
    plan = course.plan
    return {
        "provider": plan.provider,
        "fault": plan.fault,
        "passed": passed(checks),
        "beganAt": timestamp(course.began_on),
        "settings": asdict(plan.limits),
        "beforeSeconds": plan.before_seconds,
        "faultSeconds": plan.fault_seconds,
        "everySeconds": plan.every_seconds,
        "events": [{"at": round(at, 2), "event": event} for at, event in course.events],
        "checks": [asdict(check) for check in checks],
        "figures": [
            {"flow": step.flow, "step": step.name, "phase": phase, **asdict(found)}
            for step in STEPS
            for phase in PHASES
            if (found := figures(course.select(phase=phase, step=step))).calls
        ],
    }


def write(course: Course, checks: Sequence[Check], *, folder: Path, command: str) -> Path:
    """Write the page and its picture; return the page's path.

    Raises:
        OSError: The folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{course.plan.provider}-{course.plan.fault}"
    (folder / f"{name}.svg").write_text(chart.draw(course), encoding="utf-8")
    page = folder / f"{name}.md"
    page.write_text("\n".join(_page(course, checks, name, command)) + "\n", encoding="utf-8")
    return page


def sentences(checks: Sequence[Check]) -> list[str]:
    """Return the checks for a terminal."""
    words = {True: "yes", False: " NO", None: "  ?"}
    return [f"{words[check.is_met]}  {check.sentence}" for check in checks]


def _page(course: Course, checks: Sequence[Check], name: str, command: str) -> Iterator[str]:
    plan, limits = course.plan, course.plan.limits
    verdict = WELL if passed(checks) else NOT_WELL
    yield f"# Rehearsed: {plan.provider}, {plan.fault}"
    yield ""
    yield f"{verdict} {course.began_on:%d %B %Y, %H:%M} UTC, by"
    yield ""
    yield f"    {command}"
    yield ""
    yield f"![Answers over time, by flow]({name}.svg)"
    yield ""
    yield "| | |"
    yield "|---|---|"
    for check in checks:
        yield f"| {WORDS[check.is_met]} | {check.sentence} |"
    yield ""
    yield "## What happened"
    yield ""
    yield "| seconds | after the fault began | |"
    yield "|---:|---:|---|"
    for at, event in course.events:
        yield f"| {at:.1f} | {at - course.fault_at:.1f} | {event} |"
    yield ""
    yield "## Figures"
    yield ""
    yield (
        f"Each flow began every {plan.every_seconds:g} s. An attempt may take "
        f"{limits.attempt_seconds:g} s, there are {limits.attempts} for SMS and mail and one for "
        f"the storage, {limits.retry_wait_seconds:g} s apart; the breaker opens after "
        f"{limits.breaker_failures} attempts in a row and stays open for "
        f"{limits.breaker_open_seconds:g} s; more than {limits.alert_failures} failures in a "
        "minute are an alert. Times in milliseconds."
    )
    for flow in FLOWS:
        yield ""
        yield f"### {flow}"
        yield ""
        yield from _table(course, flow)


def _table(course: Course, flow: str) -> Iterator[str]:
    yield "| | phase | requests | ok | failed | median | 95 % within | slowest |"
    yield "|---|---|---:|---:|---|---:|---:|---:|"
    for step in STEPS:
        for phase in PHASES:
            found = figures(course.select(phase=phase, step=step))
            if step.flow == flow and found.calls:
                yield _row(step.name, phase, found)


def _row(name: str, phase: str, found: Figures) -> str:
    failed = ", ".join(f"{count} `{code}`" for code, count in found.failed.items())
    times = f"{found.median_ms:.0f} | {found.p95_ms:.0f} | {found.slowest_ms:.0f}"
    return f"| {name} | {phase} | {found.calls} | {found.ok} | {failed} | {times} |"
