"""What providers report about codes moves their challenges, in bulk and forward only (S42).

created < accepted < undelivered < delivered < verified: a report that comes late moves nothing, nor
does one about a code that expired or failed; the calls of `integrations` know of all. One may be
faster than our own row of the provider's yes; it is kept, and `otp.challenges.accept` sees to its
time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from integrations.gateways import DeliveryReport
from otp import metrics
from otp.models import DELIVERED, REFERENCE, UNDELIVERED, Challenge, State

OPEN = (State.CREATED, State.ACCEPTED)

# A whole batch at once. GREATEST passes over what is null: a report may be faster than our own row.
_MARK = f"""
UPDATE {Challenge._meta.db_table} AS mine
SET {{column}} = GREATEST(told.at, mine.accepted_at){{reason}}
FROM unnest(%s::uuid[], %s::timestamptz[], %s::text[]) AS told (id, at, reason)
WHERE mine.id = told.id AND mine.state IN ('{State.CREATED.value}', '{State.ACCEPTED.value}')
AND (mine.expires_at IS NULL OR mine.expires_at > %s)
AND mine.delivered_at IS NULL AND mine.{{column}} IS NULL
"""  # noqa: S608  (names of our own model)


def move_challenges(*, reports: Iterable[DeliveryReport], **kwargs: Any) -> None:
    """Move the challenges of a batch; reports about mails and documents are none of ours.

    Of one challenge the first report of a state counts, and none that follows a delivery.
    """
    delivered: dict[UUID, DeliveryReport] = {}
    undelivered: dict[UUID, DeliveryReport] = {}
    for report in reports:
        challenge_id = _challenge_of(report.reference)
        if challenge_id is None or challenge_id in delivered:
            continue
        if report.state == DELIVERED:
            delivered[challenge_id] = report
        elif report.state == UNDELIVERED:
            undelivered.setdefault(challenge_id, report)
    now = timezone.now()
    for state, told in ((UNDELIVERED, undelivered), (DELIVERED, delivered)):
        if told:
            metrics.challenge_reached(state, count=_mark(f"{state}_at", told, now=now))


def _challenge_of(reference: str) -> UUID | None:
    if not reference.startswith(REFERENCE):
        return None
    try:
        return UUID(reference.removeprefix(REFERENCE))
    except ValueError:
        return None


def _mark(column: str, told: Mapping[UUID, DeliveryReport], *, now: datetime) -> int:
    """Set the column to the report's own time; return how many challenges moved."""
    if connection.vendor == "postgresql":
        return _mark_at_once(column, told, now=now)
    moved = 0
    with transaction.atomic():
        for challenge_id, report in told.items():
            rows = Challenge.objects.filter(
                Q(expires_at=None) | Q(expires_at__gt=now),
                Q(**{column: None}),
                pk=challenge_id,
                state__in=OPEN,
                delivered_at=None,
            )
            accepted_at = rows.values_list("accepted_at", flat=True).first()
            reason = {"undelivered_reason": report.reason} if column == "undelivered_at" else {}
            moved += rows.update(**{column: max(report.at, accepted_at or report.at)}, **reason)
    return moved


def _mark_at_once(column: str, told: Mapping[UUID, DeliveryReport], *, now: datetime) -> int:
    reason = ", undelivered_reason = told.reason" if column == "undelivered_at" else ""
    times = [report.at for report in told.values()]
    reasons = [report.reason for report in told.values()]
    with connection.cursor() as cursor:
        cursor.execute(
            _MARK.format(column=column, reason=reason), [list(told), times, reasons, now]
        )
        return int(cursor.rowcount)
