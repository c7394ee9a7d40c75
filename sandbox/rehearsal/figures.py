"""Numbers of many calls: how many, how they ended, how long they took."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.rehearsal.calls import Call


@dataclass(frozen=True, kw_only=True)
class Figures:
    """``failed``: by code of the problem, status where there is none. Times in milliseconds."""

    calls: int
    ok: int
    failed: dict[str, int]
    median_ms: float
    p95_ms: float
    slowest_ms: float


def figures(calls: Sequence[Call]) -> Figures:
    """Count and measure; all zero where there are no calls."""
    times = sorted(call.seconds * 1000 for call in calls)
    failed = Counter(
        call.code or (str(call.status) if call.status else "no answer")
        for call in calls
        if not call.is_ok
    )
    return Figures(
        calls=len(calls),
        ok=sum(call.is_ok for call in calls),
        failed=dict(failed.most_common()),
        median_ms=_quantile(times, 0.5),
        p95_ms=_quantile(times, 0.95),
        slowest_ms=_quantile(times, 1.0),
    )


def _quantile(times: Sequence[float], share: float) -> float:
    """Return the smallest time that so many did not exceed."""
    return times[math.ceil(share * len(times)) - 1] if times else 0.0
