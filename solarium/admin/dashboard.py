"""What the dashboard shows: a fixed number of statements, none over more than the last day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypedDict

from django.db import connection
from django.db.models import Aggregate, Count, DurationField, F, Q
from django.db.models.functions import TruncMinute

from documents.models import Document
from documents.models import State as DocumentState
from integrations import gateways
from integrations.key_checks import most_age
from integrations.models import Alert, GatewayCall, Outcome, ProviderKey, ProviderSwitch
from otp.models import Challenge
from solarium.admin.charts import Bucket, Chart, stacked

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DAY_BUCKET_MINUTES: Final = 15
MOST_ALERTS: Final = 10
SAMPLE: Final = 5000  # durations; only where the database cannot tell percentiles itself


@dataclass(frozen=True, kw_only=True)
class Provider:
    """One provider now: state, failures of the last minute, times of the last hour in ms."""

    status: gateways.ProviderStatus
    p50: int | None
    p95: int | None
    calls: int
    switch: ProviderSwitch | None


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One step of the funnel; ``share`` in percent of the step before.

    Percent may pass 100: a code that is typed in may never be reported as delivered.
    """

    name: str
    count: int
    share: int | None


@dataclass(frozen=True, kw_only=True)
class OldKey:
    """A key in use that should have been rotated."""

    provider: str
    fingerprint: str
    days: int


@dataclass(frozen=True, kw_only=True)
class Dashboard:
    """All of it, as the template shows it."""

    at: datetime
    alerts: Sequence[Alert]
    providers: Sequence[Provider]
    hour: Chart
    day: Chart
    funnel: Sequence[Stage]
    uploads: Sequence[tuple[str, int]]
    old_keys: Sequence[OldKey]


class Day(TypedDict):
    """The counts of the last 24 hours; plain values, since they wait in the cache."""

    calls: dict[datetime, dict[str, int]]
    funnel: dict[str, int]
    uploads: dict[str, int]


def read_day(*, now: datetime) -> Day:
    """Count the last 24 hours: what takes long where much happens (10^6 calls a day: 0.8 s)."""
    since = now - DAY
    return Day(
        calls=_calls_per_minute(since=since),
        funnel=Challenge.objects.filter(created_at__gt=since).aggregate(
            asked=Count("pk"),
            sent=Count("pk", filter=Q(accepted_at__isnull=False)),
            verified=Count("pk", filter=Q(verified_at__isnull=False)),
        )
        | {"delivered": _delivered(since=since)},
        uploads=dict(
            Document.objects.filter(created_at__gt=since)
            .order_by()
            .values_list("state")
            .annotate(count=Count("pk"))
        ),
    )


def _delivered(*, since: datetime) -> int:
    """Count the codes that the provider reported as delivered, also those reported late."""
    calls = GatewayCall.objects.filter(started_at__gt=since, operation="send_otp")
    return calls.filter(delivery="delivered").count()


def read(*, now: datetime, day: Day) -> Dashboard:
    """Look at what is going on now, beside the counts of the day."""
    return Dashboard(
        at=now,
        alerts=list(Alert.objects.filter(resolved_at=None).order_by("-opened_at")[:MOST_ALERTS]),
        providers=_providers(now=now),
        hour=stacked(
            name="Calls a minute, last hour",
            buckets=_buckets(_calls_per_minute(since=now - HOUR), end=now, length=1, count=60),
            label_every=10,
        ),
        day=stacked(
            name="Calls a minute, last 24 hours",
            buckets=_buckets(day["calls"], end=now, length=DAY_BUCKET_MINUTES, count=96),
            label_every=16,
        ),
        funnel=_funnel(day["funnel"]),
        uploads=[(state.value, day["uploads"].get(state.value, 0)) for state in DocumentState],
        old_keys=_old_keys(now=now),
    )


class _Percentile(Aggregate):
    function = "PERCENTILE_CONT"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


def _providers(*, now: datetime) -> list[Provider]:
    times = _times(since=now - HOUR)
    off = {row.provider: row for row in ProviderSwitch.objects.all()}
    found = []
    for status in gateways.provider_statuses():
        p50, p95, calls = times.get(status.provider, (None, None, 0))
        found.append(
            Provider(status=status, p50=p50, p95=p95, calls=calls, switch=off.get(status.provider))
        )
    return found


def _times(*, since: datetime) -> dict[str, tuple[int | None, int | None, int]]:
    """Return p50 and p95 in ms, and the number of calls that asked the provider, per provider."""
    rows = (
        GatewayCall.objects.filter(started_at__gt=since, finished_at__isnull=False)
        .exclude(outcome=Outcome.REFUSED)
        .order_by()
    )
    took = F("finished_at") - F("started_at")
    if connection.vendor == "postgresql":
        grouped = rows.values("provider").annotate(
            p50=_Percentile(took, share=0.5), p95=_Percentile(took, share=0.95), calls=Count("pk")
        )
        return {
            row["provider"]: (_ms(row["p50"]), _ms(row["p95"]), row["calls"]) for row in grouped
        }
    lists: dict[str, list[timedelta]] = defaultdict(list)
    newest = rows.order_by("-started_at").values_list("provider", "started_at", "finished_at")
    for provider, started, finished in newest[:SAMPLE]:
        lists[provider].append((finished or started) - started)
    return {
        provider: (_ms(_at(each, 0.5)), _ms(_at(each, 0.95)), len(each))
        for provider, each in lists.items()
    }


def _at(values: list[timedelta], share: float) -> timedelta:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def _ms(length: timedelta) -> int:
    return round(length.total_seconds() * 1000)


def _calls_per_minute(*, since: datetime) -> dict[datetime, dict[str, int]]:
    rows = (
        GatewayCall.objects.filter(started_at__gt=since)
        .order_by()
        .annotate(minute=TruncMinute("started_at"))
        .values_list("minute", "outcome")
        .annotate(count=Count("pk"))
    )
    found: dict[datetime, dict[str, int]] = defaultdict(dict)
    for minute, outcome, count in rows:
        found[minute][outcome] = count
    return dict(found)


def _buckets(
    minutes: dict[datetime, dict[str, int]], *, end: datetime, length: int, count: int
) -> list[Bucket]:
    """Return ``count`` buckets of ``length`` minutes up to ``end``, as calls a minute."""
    last = end.replace(second=0, microsecond=0)
    last -= timedelta(minutes=last.minute % length)
    starts = [last - timedelta(minutes=length * back) for back in reversed(range(count))]
    buckets = []
    for start in starts:
        within = [minutes.get(start + timedelta(minutes=n), {}) for n in range(length)]
        buckets.append(Bucket(start=start, counts=_sum(within, over=length)))
    return buckets


def _sum(parts: Iterable[dict[str, int]], *, over: int) -> dict[str, float]:
    total: dict[str, float] = defaultdict(float)
    for part in parts:
        for outcome, count in part.items():
            total[outcome] += count / over
    return total


def _funnel(counts: dict[str, int]) -> list[Stage]:
    stages: list[Stage] = []
    before = 0
    for name in ("asked", "sent", "delivered", "verified"):
        # Without reports nothing is known to be delivered: the last step is a share of the sent.
        share: int | None = round(100 * counts[name] / before) if before else None
        stages.append(Stage(name=name, count=counts[name], share=share))
        before = counts[name] or before
    return stages


def _old_keys(*, now: datetime) -> list[OldKey]:
    """Return the keys in use that are older than S62 allows, oldest first."""
    old = []
    for key in ProviderKey.objects.filter(state=ProviderKey.State.ACTIVE).defer("ciphertext"):
        age = now - (key.activated_at or key.created_at)
        if age > most_age(key.provider):
            old.append(OldKey(provider=key.provider, fingerprint=key.fingerprint, days=age.days))
    return sorted(old, key=lambda each: -each.days)
