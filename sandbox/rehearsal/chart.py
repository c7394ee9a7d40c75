"""The picture of a rehearsal: every answer a mark, by flow, time and how long it took."""

from __future__ import annotations

import math
from collections.abc import Iterator
from html import escape

from sandbox.rehearsal.calls import Call, Outcome
from sandbox.rehearsal.course import Course, Span
from sandbox.rehearsal.traffic import FLOWS

WIDTH, LEFT, RIGHT = 960, 110, 24
STRIP_TOP, STRIP_STEP, STRIP_HEIGHT = 76, 20, 12
LANE_TOP, LANE_HEIGHT, LANE_GAP = 168, 84, 34
LEAST_MS, MOST_MS = 5.0, 60_000.0
GRID = ((10, "10 ms"), (100, "100 ms"), (1_000, "1 s"), (10_000, "10 s"))
TIMES_SHOWN = 10

STYLE = """
  svg { --back: #ffffff; --text: #1f2328; --faint: #57606a; --line: #d8dee4; --fault: #fff1e5;
    --bar: #bc4c00; --ok: #0969da; --told: #bc4c00; --storage: #6e7781; --wrong: #cf222e;
    font: 13px system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
  @media (prefers-color-scheme: dark) { svg { --back: #0d1117; --text: #e6edf3; --faint: #9198a1;
    --line: #30363d; --fault: #2b1d12; --bar: #f0883e; --ok: #58a6ff; --told: #f0883e;
    --storage: #9198a1; --wrong: #ff7b72; } }
  text { fill: var(--text); } .faint { fill: var(--faint); font-size: 11px; }
  .title { font-size: 16px; font-weight: 600; } .back { fill: var(--back); }
  .line { stroke: var(--line); } .fault { fill: var(--fault); } .bar { fill: var(--bar); }
  .ok { fill: var(--ok); fill-opacity: .75; } .told { fill: var(--told); }
  .storage { fill: none; stroke: var(--storage); stroke-width: 1.6; }
  .wrong { stroke: var(--wrong); stroke-width: 2.6; }
"""
LEGEND: tuple[tuple[Outcome, str], ...] = (
    ("ok", "right answer"),
    ("told", "told of the failure"),
    ("storage", "storage itself failed"),
    ("wrong", "wrong answer"),
)


def draw(course: Course) -> str:
    """Return the SVG; light or dark as its reader likes it."""
    plan = course.plan
    height = LANE_TOP + len(FLOWS) * (LANE_HEIGHT + LANE_GAP) + 4
    title = f"{plan.provider}: {plan.fault}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-labelledby="title about">',
        f'<title id="title">{escape(title)}</title>',
        '<desc id="about">Each answer by flow, time and how long it took, with the times of the '
        "fault, the open breaker and the alert.</desc>",
        f"<style>{STYLE}</style>",
        f'<rect class="back" width="{WIDTH}" height="{height}"/>',
        f'<text class="title" x="16" y="28">{escape(title)}, {plan.fault_seconds:g} s</text>',
        *_legend(),
        *_fault_band(course),
        *_strips(course),
        *(line for place, flow in enumerate(FLOWS) for line in _lane(course, flow, _top(place))),
        *_time_axis(course, height - 26),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _top(place: int) -> float:
    return LANE_TOP + place * (LANE_HEIGHT + LANE_GAP)


def _x(course: Course, at: float) -> float:
    share = min(max(at / course.ended_at, 0.0), 1.0)
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _y(milliseconds: float, top: float) -> float:
    kept = min(max(milliseconds, LEAST_MS), MOST_MS)
    share = math.log(kept / LEAST_MS) / math.log(MOST_MS / LEAST_MS)
    return top + LANE_HEIGHT * (1 - share)


def _legend() -> Iterator[str]:
    x = 16.0
    yield (
        f'<text class="faint" x="{WIDTH - RIGHT}" y="54" text-anchor="end">'
        "each mark an answer, by the time it took</text>"
    )
    for kind, words in LEGEND:
        yield _mark(kind, x + 5, 50)
        yield f'<text x="{x + 16:.0f}" y="54">{words}</text>'
        x += 40 + 6.6 * len(words)


def _fault_band(course: Course) -> Iterator[str]:
    start, end = _x(course, course.fault_at), _x(course, course.cleared_at)
    bottom = _top(len(FLOWS) - 1) + LANE_HEIGHT
    yield (
        f'<rect class="fault" x="{start:.1f}" y="{STRIP_TOP - 4}" width="{end - start:.1f}" '
        f'height="{bottom - STRIP_TOP + 4:.1f}"/>'
    )


def _strips(course: Course) -> Iterator[str]:
    alert = [course.alert_span] if course.alert_span else []
    rows = (
        ("fault", [Span(start=course.fault_at, end=course.cleared_at)]),
        ("breaker open", course.breaker_spans),
        ("alert", alert),
    )
    for place, (name, spans) in enumerate(rows):
        top = STRIP_TOP + place * STRIP_STEP
        yield f'<text class="faint" x="{LEFT - 10}" y="{top + 10}" text-anchor="end">{name}</text>'
        yield (
            f'<line class="line" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{top + 6}" y2="{top + 6}"/>'
        )
        for span in spans:
            start = _x(course, span.start)
            width = max(_x(course, course.ended_at if span.end is None else span.end) - start, 2)
            yield (
                f'<rect class="bar" x="{start:.1f}" y="{top}" width="{width:.1f}" '
                f'height="{STRIP_HEIGHT}" rx="2"/>'
            )


def _lane(course: Course, flow: str, top: float) -> Iterator[str]:
    yield f'<text x="{LEFT}" y="{top - 8:.1f}">{escape(flow)}</text>'
    for milliseconds, words in GRID:
        y = _y(milliseconds, top)
        yield f'<line class="line" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield (
            f'<text class="faint" x="{LEFT - 10}" y="{y + 4:.1f}" text-anchor="end">{words}</text>'
        )
    # What went wrong is drawn last, so that nothing hides it.
    order = [kind for kind, _ in LEGEND]
    calls = sorted(course.select(flow=flow), key=lambda call: order.index(course.outcome(call)))
    for call in calls:
        yield _mark(course.outcome(call), *_place(course, call, top))


def _place(course: Course, call: Call, top: float) -> tuple[float, float]:
    return _x(course, call.ended), _y(call.seconds * 1000, top)


def _mark(kind: Outcome, x: float, y: float) -> str:
    """Return a mark; its shape tells the outcome as well as its color does."""
    if kind == "told":
        points = f"{x:.1f},{y - 4.6:.1f} {x + 4.6:.1f},{y + 3.6:.1f} {x - 4.6:.1f},{y + 3.6:.1f}"
        return f'<polygon class="told" points="{points}"/>'
    if kind == "wrong":
        return (
            f'<path class="wrong" d="M{x - 4:.1f} {y - 4:.1f}l8 8M{x + 4:.1f} {y - 4:.1f}l-8 8"/>'
        )
    return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{3.2 if kind == "ok" else 3.8}"/>'


def _time_axis(course: Course, y: float) -> Iterator[str]:
    steps = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600)
    step = next((one for one in steps if course.ended_at / one <= TIMES_SHOWN), steps[-1])
    for at in range(0, int(course.ended_at) + 1, step):
        x = _x(course, at)
        yield f'<text class="faint" x="{x:.1f}" y="{y + 14:.1f}" text-anchor="middle">{at} s</text>'
