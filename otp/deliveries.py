"""What became of sent codes, in bulk and forward only (S42).

created < accepted < undelivered < delivered < verified: a report that comes late moves nothing, nor
does one about a code that expired or failed; the calls of `integrations` know of all. One may be
faster than our own row of the provider's yes; it is kept, and `otp.challenges.accept` sees to its
time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from otp import metrics, postgres
from otp.models import DELIVERED, UNDELIVERED, Challenge, State

OPEN = (State.CREATED, State.ACCEPTED)


@dataclass(frozen=True, kw_only=True)
class Reported:
    """One report about one challenge; ``at`` is the provider's own time."""

    challenge_id: UUID
    at: datetime
    reason: str = ""


def mark_delivered(reports: Sequence[Reported], *, now: datetime) -> None:
    """Note that codes reached their phones; one report a challenge."""
    if reports:
        moved = _mark(reports, column="delivered_at", now=now)
        metrics.challenge_reached(DELIVERED, count=moved)


def mark_undelivered(reports: Sequence[Reported], *, now: datetime) -> None:
    """Note that codes did not reach their phones, unless they did; one report a challenge."""
    if reports:
        metrics.challenge_reached(
            UNDELIVERED, count=_mark(reports, column="undelivered_at", now=now)
        )


def _mark(reports: Sequence[Reported], *, column: str, now: datetime) -> int:
    """Return how many challenges moved."""
    if connection.vendor == "postgresql":
        return postgres.mark_reported(
            column,
            now=now,
            ids=[report.challenge_id for report in reports],
            times=[report.at for report in reports],
            reasons=[report.reason for report in reports],
        )
    moved = 0
    with transaction.atomic():
        for report in reports:
            rows = Challenge.objects.filter(
                Q(expires_at=None) | Q(expires_at__gt=now),
                Q(**{column: None}),
                pk=report.challenge_id,
                state__in=OPEN,
                delivered_at=None,
            )
            accepted_at = rows.values_list("accepted_at", flat=True).first()
            reason = {"undelivered_reason": report.reason} if column == "undelivered_at" else {}
            moved += rows.update(**{column: max(report.at, accepted_at or report.at)}, **reason)
    return moved
