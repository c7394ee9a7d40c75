"""What is kept for how long, and removing what is older, batch by batch (S57, S67)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from accounts import retention as accounts
from accounts import security_events
from accounts.models import SecurityEvent
from integrations import retention as integrations
from otp import retention as otp

BATCH_ROWS = 1000
# `purge_records` runs this often; a digest goes in the last run before its time is over.
PURGE_EVERY = timedelta(hours=1)
SETTINGS = ("KEEP_CALLS_DAYS", "KEEP_CHALLENGES_DAYS", "KEEP_EVENTS_DAYS", "KEEP_DIGESTS_DAYS")


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of rows.

    ``setting``: how many days they are kept; empty: they know themselves when they are over.
    ``rows``: those from before a moment, judged by the column ``by``. ``due``: those that will be
    among them once the kinds before this one are gone, where that is more.
    """

    name: str
    setting: str
    rows: Callable[..., QuerySet[Any]]
    by: str
    remove: Callable[[QuerySet[Any]], Any]
    due: Callable[..., QuerySet[Any]] | None = None

    def before(self, *, now: datetime) -> datetime:
        """Return the moment up to which rows go."""
        if not self.setting:
            return now
        early = PURGE_EVERY if self.setting == "KEEP_DIGESTS_DAYS" else timedelta()
        return now - timedelta(days=getattr(settings, self.setting)) + early


@dataclass(frozen=True, kw_only=True)
class Due:
    """How many rows of a kind are to go."""

    kind: Kind
    before: datetime
    count: int


def _delete(rows: QuerySet[Any]) -> None:
    rows.delete()


KINDS = (
    Kind(
        name="digests",
        setting="KEEP_DIGESTS_DAYS",
        rows=otp.old_digests,
        by="created_at",
        remove=otp.blank_digests,
    ),
    Kind(
        name="challenges",
        setting="KEEP_CHALLENGES_DAYS",
        rows=otp.old_challenges,
        by="created_at",
        remove=_delete,
    ),
    Kind(
        name="phones",  # after their challenges, which hold on to them
        setting="KEEP_CHALLENGES_DAYS",
        rows=otp.old_phones,
        due=otp.quiet_phones,
        by="last_request_at",
        remove=_delete,
    ),
    Kind(
        name="calls",
        setting="KEEP_CALLS_DAYS",
        rows=integrations.old_calls,
        by="started_at",
        remove=_delete,
    ),
    Kind(
        name="alerts",
        setting="KEEP_EVENTS_DAYS",
        rows=integrations.old_alerts,
        by="resolved_at",
        remove=_delete,
    ),
    Kind(
        name="keys",
        setting="KEEP_EVENTS_DAYS",
        rows=integrations.old_keys,
        by="retired_at",
        remove=_delete,
    ),
    Kind(
        name="events",
        setting="KEEP_EVENTS_DAYS",
        rows=accounts.old_events,
        by="at",
        remove=_delete,
    ),
    Kind(
        name="admin_log",
        setting="KEEP_EVENTS_DAYS",
        rows=accounts.old_admin_log,
        by="action_time",
        remove=_delete,
    ),
    Kind(
        name="tokens",
        setting="",
        rows=accounts.expired_tokens,
        by="expiry",
        remove=_delete,
    ),
    Kind(
        name="admin_sessions",
        setting="",
        rows=accounts.expired_admin_sessions,
        by="expire_date",
        remove=_delete,
    ),
)


def settings_problems() -> list[str]:
    """Return a sentence for each number of days that cannot be meant.

    0 is one of them: "for ever" breaks the law (S67), and "not at all" would empty the audit.
    """
    return [
        f"{name} must be at least 1, not {getattr(settings, name)}."
        for name in SETTINGS
        if getattr(settings, name) < 1
    ]


def find_due(*, now: datetime) -> list[Due]:
    """Count what is to go, kind by kind, in the order in which it goes."""
    found = []
    for kind in KINDS:
        before = kind.before(now=now)
        count = (kind.due or kind.rows)(before=before).count()
        found.append(Due(kind=kind, before=before, count=count))
    return found


def record(found: list[Due]) -> None:
    """Record what is about to go; a purge that is killed half-way is on record, too."""
    rows = ", ".join(f"{due.kind.name} {due.count}" for due in found if due.count)
    if rows:
        security_events.record(
            kind=SecurityEvent.Kind.RECORDS_PURGED,
            result=SecurityEvent.Result.OK,
            detail=f"due: {rows}",
        )


def purge(*, kind: Kind, before: datetime) -> Iterator[int]:
    """Remove what is older, a batch a transaction; yield the size of each.

    Stopped anywhere, the next one goes on. Two at once share the work.
    """
    since: datetime | None = None
    while True:
        with transaction.atomic():
            rows = kind.rows(before=before)
            if since is not None:
                rows = rows.filter(**{f"{kind.by}__gte": since})
            # Locked and judged anew: a number that asks for a code right now stays.
            batch = list(
                rows.order_by(kind.by)
                .select_for_update(skip_locked=True)
                .values_list("pk", kind.by)[:BATCH_ROWS]
            )
            if not batch:
                return
            kind.remove(rows.model._default_manager.filter(pk__in=[pk for pk, _ in batch]))
        since = batch[-1][1]
        yield len(batch)
