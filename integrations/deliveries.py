"""Keeping what providers report about delivery: a batch in a handful of statements (S42).

A report counts once, moves a call forward only, and only where both message and recipient are
known. Batches that come twice at the same time wait for each other at the rows of their calls.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Case, F, Min, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from integrations import redact, suppressions
from integrations.models import Delivery, DeliveryEvent, GatewayCall, Outcome
from integrations.reports.values import Report
from integrations.results import DeliveryReport
from integrations.signals import delivery_reported

KIND_LENGTH: Final = 40
REASON_LENGTH: Final = 200


@dataclass(frozen=True, kw_only=True)
class _Match:
    """A report beside the call that it is about, and what is kept of it."""

    report: Report
    call: GatewayCall | None
    fingerprint: str

    @property
    def counts(self) -> bool:
        """Whether it says anything to us: of a mail that is not ours only that it cannot arrive."""
        return self.call is not None or self.report.suppresses

    def row(self, *, now: datetime) -> DeliveryEvent:
        report, call = self.report, self.call
        return DeliveryEvent(
            provider=report.provider,
            event_id=report.event_id,
            call_id=call.pk if call else None,
            state=report.state,
            kind=redact.scrub(report.kind)[:KIND_LENGTH],
            reason=redact.scrub(report.reason)[:REASON_LENGTH],
            # The call's, where there is one: of somebody who was erased no mask comes back.
            recipient_masked=call.recipient_masked
            if call
            else redact.mask_recipient(report.recipient),
            recipient_fingerprint=self.fingerprint,
            at=report.at,
            received_at=now,
        )


def record(*, provider: str, reports: Sequence[Report]) -> int:
    """
    Keep the reports of one batch that are new and about something known, and tell other apps.

    Args:
        reports: All of this provider.

    Returns:
        How many were kept.
    """
    if not reports:
        return 0
    now = timezone.now()
    with transaction.atomic():
        matches = {match.report.event_id: match for match in _match(provider, reports)}
        new = _new(provider, [match for match in matches.values() if match.counts])
        # In one order always, so that two batches never wait for each other crosswise.
        rows = [match.row(now=now) for match in sorted(new, key=lambda m: m.report.event_id)]
        DeliveryEvent.objects.bulk_create(rows, ignore_conflicts=True)
        _move_forward(new)
        about = {match.report.event_id: match for match in new}
        suppressions.keep(row for row in rows if about[row.event_id].report.suppresses)
    _tell(rows, about)
    return len(rows)


def _match(provider: str, reports: Sequence[Report]) -> Iterable[_Match]:
    fingerprints = {each: redact.fingerprint(each) for each in {r.recipient for r in reports}}
    calls: dict[tuple[str, str], GatewayCall] = {}
    # The newest call of a name wins: where the provider named two messages alike.
    for call in sorted(_calls(provider, reports, fingerprints), key=lambda call: call.started_at):
        for name in (f"id:{call.provider_message_id}", f"ref:{call.reference}"):
            calls[call.recipient_fingerprint, name] = call
        if call.outcome == Outcome.UNKNOWN:
            calls[call.recipient_fingerprint, f"crq:{call.correlation_id}"] = call
    for report in reports:
        to = fingerprints[report.recipient]
        names = [f"ref:{report.reference}"] if report.reference else []
        names += [f"id:{each}" for each in report.message_ids]
        names += [f"crq:{report.correlation_id}"] if report.correlation_id else []
        call_of = next((calls[to, name] for name in names if (to, name) in calls), None)
        yield _Match(report=report, call=call_of, fingerprint=to)


def _calls(
    provider: str, reports: Sequence[Report], fingerprints: dict[str, str]
) -> QuerySet[GatewayCall]:
    """Lock the calls that the reports may be about, found by recipient, in one order always."""
    ids = {each for report in reports for each in report.message_ids}
    references = {report.reference for report in reports} - {""}
    correlations = {report.correlation_id for report in reports} - {""}
    named = Q(provider_message_id__in=ids)
    if references:
        named |= Q(reference__in=references)
    if correlations:
        named |= Q(outcome=Outcome.UNKNOWN, correlation_id__in=correlations)
    found = GatewayCall.objects.filter(
        named, provider=provider, recipient_fingerprint__in=set(fingerprints.values())
    )
    return (
        found.select_for_update()
        .order_by("pk")
        .only(
            "provider_message_id",
            "reference",
            "outcome",
            "correlation_id",
            "recipient_masked",
            "recipient_fingerprint",
            "started_at",
        )
    )


def _new(provider: str, matches: list[_Match]) -> list[_Match]:
    """Leave out what was told before; nobody else can tell it now: its call is locked."""
    ids = [match.report.event_id for match in matches]
    if not ids:
        return []
    known = set(
        DeliveryEvent.objects.filter(provider=provider, event_id__in=ids).values_list(
            "event_id", flat=True
        )
    )
    return [match for match in matches if match.report.event_id not in known]


def _move_forward(new: list[_Match]) -> None:
    by_state: dict[str, set[UUID]] = defaultdict(set)
    lost: dict[UUID, str] = {}
    for match in new:
        if match.call is None:
            continue
        by_state[match.report.state].add(match.call.pk)
        if match.call.outcome == Outcome.UNKNOWN:
            # The shortest: whatever we are told later begins with it.
            ids = match.report.message_ids
            lost.setdefault(match.call.pk, ids[-1] if ids else "")
    delivered = by_state[Delivery.DELIVERED]
    _set_delivery(Delivery.DELIVERED, delivered, instead_of=("", Delivery.UNDELIVERED.value))
    _set_delivery(Delivery.UNDELIVERED, by_state[Delivery.UNDELIVERED] - delivered)
    _settle(lost)


def _set_delivery(
    state: Delivery, call_ids: set[UUID], *, instead_of: tuple[str, ...] = ("",)
) -> None:
    """Move calls to a state, each at the time of its first report of it, never before it ended."""
    if not call_ids:
        return
    first = (
        DeliveryEvent.objects.filter(call_id=OuterRef("pk"), state=state)
        .values("call_id")
        .annotate(first=Min("at"))
        .values("first")
    )
    ended = Coalesce(F("finished_at"), F("started_at"))
    GatewayCall.objects.filter(pk__in=call_ids, delivery__in=instead_of).update(
        delivery=state, delivery_at=Greatest(ended, Coalesce(Subquery(first), ended))
    )


def _settle(message_ids: dict[UUID, str]) -> None:
    """Note of calls whose answer was lost that the provider had taken them after all.

    They stay counted as failures: that the answer was lost was one.
    """
    if not message_ids:
        return
    names = [When(pk=pk, then=Value(name[:200])) for pk, name in message_ids.items()]
    GatewayCall.objects.filter(pk__in=message_ids, outcome=Outcome.UNKNOWN).update(
        outcome=Outcome.ACCEPTED,
        provider_message_id=Case(*names, default=F("provider_message_id")),
    )


def _tell(rows: list[DeliveryEvent], about: dict[str, _Match]) -> None:
    told = [
        DeliveryReport(
            provider=row.provider,
            reference=call.reference,
            state=row.state,
            at=row.at,
            reason=row.reason,
        )
        for row in rows
        if row.state != DeliveryEvent.State.UNDERWAY
        and (call := about[row.event_id].call) is not None
    ]
    if told:
        delivery_reported.send(sender=None, reports=told)
