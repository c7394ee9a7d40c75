"""What must be true of an outage, each a sentence with yes or no."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.rehearsal.calls import Step
from sandbox.rehearsal.course import Course
from sandbox.rehearsal.figures import figures
from sandbox.rehearsal.plan import SLIDING_SECONDS
from sandbox.rehearsal.traffic import STEPS

# A median of a few calls wanders, and sometimes the machine is busy; a neighbor that waits for one
# who hangs would take seconds more.
SLOWER_FACTOR, SLOWER_MS = 1.5, 100.0


@dataclass(frozen=True, kw_only=True)
class Check:
    """``is_met`` None: nobody could see it in this rehearsal; the sentence says why."""

    name: str
    sentence: str
    is_met: bool | None


def judge(course: Course) -> list[Check]:
    """Return all checks of a rehearsal."""
    expected = course.plan.expected
    checks: list[Callable[[Course], Check]] = [_answers]
    checks.append(_waiting if expected.is_noticed else _unnoticed)
    checks += [_others_went_on, _others_kept_pace, _nothing_else, _breaker]
    if expected.alert:
        checks += [_alert, _recovery, _alert_over]
    checks.append(_arrived)
    if course.plan.fault == "no-report" and course.plan.provider == "msg91":
        checks.append(_states)
    return [check(course) for check in checks]


def _answers(course: Course) -> Check:
    """Nobody ever saw anything but a right answer or the words of the contract."""
    wrong = [call for call in course.calls if course.outcome(call) == "wrong"]
    told = [call for call in course.calls if course.outcome(call) == "told"]
    expected = course.plan.expected
    if wrong:
        first = wrong[0]
        came = f"{first.status} {first.code} {first.detail}".strip() if first.status else "nothing"
        return Check(
            name="answers",
            sentence=f"{len(wrong)} of {len(course.calls)} answers were wrong; the first, to "
            f"“{first.step.name}” at {first.started:.1f} s: {came}.",
            is_met=False,
        )
    if not expected.is_noticed:
        sentence = f"All {len(course.calls)} answers were right; nobody was told of a failure."
        return Check(name="answers", sentence=sentence, is_met=not told)
    return Check(
        name="answers",
        sentence=f"Users were told {expected.status} {expected.code}, “{expected.detail}”, "
        f"{len(told)} times, and never anything else.",
        is_met=bool(told),
    )


def _waiting(course: Course) -> Check:
    plan = course.plan
    # A confirm that works also opens the file, which is our own time.
    waited = [one for one in course.touched if course.phase(one) == "fault" or not one.is_ok]
    longest = max((call.seconds for call in waited), default=0.0)
    return Check(
        name="waiting",
        sentence=f"Nobody waited longer than {plan.longest_wait_seconds:.1f} s for an answer: the "
        f"longest took {longest:.1f} s.",
        is_met=longest <= plan.answer_within_seconds,
    )


def _unnoticed(course: Course) -> Check:
    failed = [call for call in course.touched if not call.is_ok]
    seen = figures([call for call in course.touched if course.phase(call) == "fault"])
    return Check(
        name="unnoticed",
        sentence=f"All {seen.calls} calls that {course.plan.provider} took part in succeeded "
        f"meanwhile, half of them within {seen.median_ms:.0f} ms.",
        is_met=bool(seen.calls) and not failed,
    )


def _others(course: Course) -> list[Step]:
    """Return the steps that the provider has no part in."""
    storage = course.plan.provider == "azure_blob"
    return [
        step
        for step in STEPS
        if step.provider != course.plan.provider and not (storage and step.is_direct)
    ]


def _others_went_on(course: Course) -> Check:
    others = [call for step in _others(course) for call in course.select(phase="fault", step=step)]
    failed = [call for call in others if not call.is_ok]
    return Check(
        name="others_went_on",
        sentence=f"Everybody else went on: {len(failed)} of {len(others)} other calls failed.",
        is_met=bool(others) and not failed,
    )


def _others_kept_pace(course: Course) -> Check:
    """Compare medians step by step; a step without calls in both phases says nothing."""
    grew = []
    for step in _others(course):
        before = figures(course.select(phase="before", step=step))
        during = figures(course.select(phase="fault", step=step))
        if before.ok and during.ok:
            most_ms = max(SLOWER_FACTOR * before.median_ms + SLOWER_MS, before.slowest_ms)
            too_much = during.median_ms > most_ms
            told = f"{step.name}: {before.median_ms:.0f} → {during.median_ms:.0f} ms"
            grew.append((too_much, during.median_ms - before.median_ms, told))
    if not grew:
        return Check(name="others_kept_pace", sentence="Nobody else did anything.", is_met=False)
    too_much, _, told = max(grew)
    return Check(
        name="others_kept_pace",
        sentence=f"Everybody else was as fast as before; by the median this grew most: {told}.",
        is_met=not too_much,
    )


def _nothing_else(course: Course) -> Check:
    """No other provider was blamed, and nothing was raised that should not be."""
    raised = [*course.other_alerts, *(f"breaker of {name}" for name in course.other_breakers)]
    word = "No alert came" if not course.plan.expected.alert else "No other alert came"
    tail = f"; but: {', '.join(raised)}" if raised else ""
    return Check(
        name="nothing_else",
        sentence=f"{word}, and no other provider's breaker opened{tail}.",
        is_met=bool(course.looks) and not raised,
    )


def _breaker(course: Course) -> Check:
    plan, spans = course.plan, course.breaker_spans
    if not plan.expected.opens_breaker:
        return Check(
            name="breaker", sentence=f"The breaker of {plan.provider} stayed closed.",
            is_met=bool(course.looks) and not spans,
        )  # fmt: skip
    within = plan.breaker_within_seconds
    if not spans:
        missing = f"The breaker of {plan.provider} did not open"
        return _did_not_come(course, name="breaker", sentence=missing, within=within)
    opened = spans[0].start - course.fault_at
    is_closed = spans[-1].end is not None
    return Check(
        name="breaker",
        sentence=f"The breaker of {plan.provider} opened after {opened:.1f} s (at most "
        f"{within:.0f} s) and {'closed again' if is_closed else 'did not close again'}.",
        is_met=opened <= within and is_closed,
    )


def _in_time(name: str, told: str, *, after: float, within: float) -> Check:
    return Check(name=name, sentence=f"{told} (at most {within:.0f} s).", is_met=after <= within)


def _alert(course: Course) -> Check:
    plan, span = course.plan, course.alert_span
    within = plan.alert_within_seconds
    if span is None:
        return _did_not_come(course, name="alert", sentence="No alert came", within=within)
    after = span.start - course.fault_at
    told = f"The alert ({plan.expected.alert}) came after {after:.1f} s"
    return _in_time("alert", told, after=after, within=within)


def _did_not_come(course: Course, *, name: str, sentence: str, within: float) -> Check:
    """Say no, or that the fault did not last long enough to tell."""
    is_short = course.cleared_at - course.fault_at < within
    tail = f"; it may take {within:.0f} s, and the fault was shorter" if is_short else ""
    return Check(name=name, sentence=f"{sentence}{tail}.", is_met=None if is_short else False)


def _recovery(course: Course) -> Check:
    within = course.plan.recovered_within_seconds
    if course.recovered_at is None:
        return Check(name="recovery", sentence="The service did not recover.", is_met=False)
    after = course.recovered_at - course.cleared_at
    told = f"The service was back {after:.1f} s after the fault ended"
    return _in_time("recovery", told, after=after, within=within)


def _alert_over(course: Course) -> Check:
    plan, span = course.plan, course.alert_span
    within = plan.alert_over_within_seconds
    if span is not None and span.end is not None:
        after = span.end - course.cleared_at
        told = f"The alert was over {after:.1f} s after the fault"
        return _in_time("alert_over", told, after=after, within=within)
    if span is None or course.ended_at - course.cleared_at < within:
        return Check(
            name="alert_over",
            sentence=f"Whether the alert ended was not watched: it takes up to {within:.0f} s, a "
            f"sliding minute of {SLIDING_SECONDS:.0f} s among them.",
            is_met=None,
        )
    return Check(name="alert_over", sentence="The alert did not end.", is_met=False)


def _arrived(course: Course) -> Check:
    """What was answered with 200 arrived, and nobody has two different codes of one request."""
    lost = [phone for phone in course.sent.phones if phone not in course.arrived.codes]
    texts = "\n".join(course.arrived.mails)
    lost += [title for title in course.sent.titles if title not in texts]
    doubled = [phone for phone, codes in course.arrived.codes.items() if len(set(codes)) > 1]
    sent = len(course.sent.phones) + len(course.sent.titles)
    return Check(
        name="arrived",
        sentence=f"What was accepted arrived: {len(course.sent.phones)} codes and "
        f"{len(course.sent.titles)} mails, {len(lost)} are missing; {len(doubled)} people have two "
        "different codes.",
        is_met=bool(sent) and not lost and not doubled,
    )


def _states(course: Course) -> Check:
    """Without reports a code stays accepted, and logs in all the same."""
    before = {state for at, state in course.sent.states if at < course.fault_at}
    # One sent before the fault had its report ordered already.
    settled = course.fault_at + 2 * course.plan.every_seconds
    during = [state for at, state in course.sent.states if settled <= at < course.cleared_at]
    return Check(
        name="states",
        sentence=f"Without reports {len(during)} codes stayed “accepted” where they were "
        "“delivered” before; all of them logged in.",
        is_met="delivered" in before and bool(during) and set(during) == {"accepted"},
    )
