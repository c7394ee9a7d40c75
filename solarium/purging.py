"""What is kept for how long, and removing what is older, batch by batch (S57, S67)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import KW_ONLY, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet

from accounts import security_events
from accounts.models import AuthToken, SecurityEvent
from api.models import IdempotencyRecord
from documents.models import SASGrant
from integrations.models import Alert, DeliveryEvent, GatewayCall, ProviderKey
from otp import retention as otp
from otp.models import Challenge, DemoNumber, Phone, Prefix

BATCH_ROWS = 1000
MOST_DAYS = 36_500
PURGE_EVERY = timedelta(hours=1)  # how often `purge_records` is run


def _delete(rows: QuerySet[Any]) -> None:
    rows.delete()


@dataclass(frozen=True)
class Kind:
    """One kind of rows.

    ``rows``: all of them, of any age. ``by``: the column that tells it; where it is empty the row
    stays. ``setting``: how many days they are kept; empty: they know themselves when they are over.
    ``early``: by how much they go before that. ``due``: those that will be among ``rows`` once the
    kinds before this one are gone, where that is more.
    """

    name: str
    rows: QuerySet[Any]
    _: KW_ONLY
    by: str
    setting: str = ""
    early: timedelta = timedelta()
    due: QuerySet[Any] | None = None
    remove: Callable[[QuerySet[Any]], None] = _delete

    def before(self, *, now: datetime) -> datetime:
        """Return the moment up to which rows go."""
        if not self.setting:
            return now
        return now - timedelta(days=getattr(settings, self.setting)) + self.early

    def older(self, *, before: datetime) -> QuerySet[Any]:
        """Return the rows from before a moment."""
        return self.rows.filter(**{f"{self.by}__lt": before})

    def count_due(self, *, before: datetime) -> int:
        """Return how many rows a purge up to a moment removes."""
        rows = self.rows if self.due is None else self.due
        return rows.filter(**{f"{self.by}__lt": before}).count()


@dataclass(frozen=True, kw_only=True)
class Due:
    """How many rows of a kind are to go."""

    kind: Kind
    before: datetime
    count: int


# In the order in which they go: numbers after their challenges, which hold on to them.
KINDS = (
    Kind(
        "digests",
        Challenge.objects.exclude(code_digest=""),
        by="created_at",
        setting="KEEP_DIGESTS_DAYS",
        early=PURGE_EVERY,  # the last run before its time is over takes a digest
        remove=otp.blank_digests,
    ),
    Kind("challenges", Challenge.objects.all(), by="created_at", setting="KEEP_CHALLENGES_DAYS"),
    Kind(
        "phones",
        otp.phones_without_challenge(),
        by="last_request_at",
        setting="KEEP_CHALLENGES_DAYS",
        due=Phone.objects.all(),
    ),
    Kind("prefixes", Prefix.objects.all(), by="last_send_at", setting="KEEP_CHALLENGES_DAYS"),
    Kind("calls", GatewayCall.objects.all(), by="started_at", setting="KEEP_CALLS_DAYS"),
    Kind(
        "delivery_events",
        DeliveryEvent.objects.all(),
        by="received_at",
        setting="KEEP_EVENTS_DAYS",
    ),
    Kind("alerts", Alert.objects.all(), by="resolved_at", setting="KEEP_EVENTS_DAYS"),
    Kind(
        "keys",
        ProviderKey.objects.filter(state=ProviderKey.State.RETIRED),
        by="retired_at",
        setting="KEEP_EVENTS_DAYS",
    ),
    Kind("links", SASGrant.objects.all(), by="issued_at", setting="KEEP_EVENTS_DAYS"),
    Kind("events", SecurityEvent.objects.all(), by="at", setting="KEEP_EVENTS_DAYS"),
    Kind("admin_log", LogEntry.objects.all(), by="action_time", setting="KEEP_EVENTS_DAYS"),
    Kind("demo_numbers", DemoNumber.objects.all(), by="ends_at"),
    Kind("idempotency", IdempotencyRecord.objects.all(), by="expires_at"),
    Kind("tokens", AuthToken.objects.all(), by="expiry"),
    Kind("admin_sessions", Session.objects.all(), by="expire_date"),
)
SETTINGS = tuple(dict.fromkeys(kind.setting for kind in KINDS if kind.setting))


def settings_problems() -> list[str]:
    """Return a sentence for each number of days that cannot be meant.

    0 is one of them: "for ever" breaks the law (S67), and "not at all" would empty the audit. So is
    what leads to before the calendar begins.
    """
    return [
        f"{name} must be 1 to {MOST_DAYS} days, not {getattr(settings, name)}."
        for name in SETTINGS
        if not 1 <= getattr(settings, name) <= MOST_DAYS
    ]


def find_due(*, now: datetime) -> list[Due]:
    """Count what is to go, kind by kind, in the order in which it goes."""
    found = []
    for kind in KINDS:
        before = kind.before(now=now)
        found.append(Due(kind=kind, before=before, count=kind.count_due(before=before)))
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
            rows = kind.older(before=before)
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
