"""Stacked bars as SVG, drawn on the server: no script, no foreign host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from integrations.models import Outcome

WIDTH, HEIGHT = 720, 180  # units of the viewBox
LEFT, BOTTOM, TOP = 34, 20, 8
# From the bottom up: what is well lies below, what is not stands out on top.
ORDER = (
    Outcome.ACCEPTED,
    Outcome.STARTED,
    Outcome.REJECTED,
    Outcome.UNKNOWN,
    Outcome.UNAVAILABLE,
    Outcome.REFUSED,
)


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """One bar: how many calls a minute ended how."""

    start: datetime
    counts: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One rectangle of the drawing."""

    x: float
    y: float
    width: float
    height: float
    outcome: str
    title: str


@dataclass(frozen=True, kw_only=True)
class Chart:
    """What `admin/chart.html` draws."""

    name: str
    bars: Sequence[Bar]
    lines: Sequence[tuple[float, str]]
    labels: Sequence[tuple[float, str]]
    legend: Sequence[tuple[str, str]]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT


def stacked(*, name: str, buckets: Sequence[Bucket], label_every: int) -> Chart:
    """Draw buckets of equal length, oldest first; every n-th gets its time below."""
    most = _nice(max((sum(bucket.counts.values()) for bucket in buckets), default=0))
    scale = (HEIGHT - BOTTOM - TOP) / most
    step = (WIDTH - LEFT) / max(len(buckets), 1)
    bars: list[Bar] = []
    totals = dict.fromkeys(ORDER, 0.0)
    for number, bucket in enumerate(buckets):
        y = float(HEIGHT - BOTTOM)
        for outcome in ORDER:
            count = bucket.counts.get(outcome, 0)
            if not count:
                continue
            totals[outcome] += count
            height = count * scale
            y -= height
            bars.append(
                Bar(
                    x=round(LEFT + number * step, 2),
                    y=round(y, 2),
                    width=round(step * 0.8, 2),
                    height=round(height, 2),
                    outcome=outcome,
                    title=f"{bucket.start:%H:%M} UTC: {_short(count)} {outcome.value} a minute",
                )
            )
    return Chart(
        name=name,
        bars=bars,
        lines=[
            (round(HEIGHT - BOTTOM - share * most * scale, 2), _short(share * most))
            for share in (0, 0.5, 1)
        ],
        labels=[
            (round(LEFT + number * step, 2), f"{bucket.start:%H:%M}")
            for number, bucket in enumerate(buckets)
            if number % label_every == 0
        ],
        legend=[(outcome, outcome.value) for outcome in ORDER if totals[outcome]],
    )


def _nice(value: float) -> float:
    """Return the next of 1, 2, 5, 10, 20, 50 … from a value up, at least 2."""
    unit = 1.0
    while True:
        for factor in (1, 2, 5):
            if factor * unit >= max(value, 2):
                return factor * unit
        unit *= 10


def _short(value: float) -> str:
    return f"{value:.0f}" if value == int(value) or value >= 10 else f"{value:.1f}"
