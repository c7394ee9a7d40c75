"""Keeping what providers report about delivery: a batch in a handful of statements (S42).

A report counts once, moves a call forward only, and only where both message and recipient are
known. Batches that come twice at the same time wait for each other at the rows of their calls.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from integrations import delivery_rows, redact, suppressions
from integrations.delivery_rows import Call, Move
from integrations.models import Delivery, DeliveryEvent, GatewayCall, Outcome
from integrations.reports.values import Report
from integrations.results import DeliveryReport
from integrations.signals import delivery_reported

KIND_LENGTH: Final = DeliveryEvent.kind.field.max_length
REASON_LENGTH: Final = DeliveryEvent.reason.field.max_length
MESSAGE_ID_LENGTH: Final = GatewayCall.provider_message_id.field.max_length


@dataclass(frozen=True, kw_only=True, slots=True)
class _Match:
    """A report beside the call that it is about, and what is kept of it."""

    report: Report
    call: Call | None
    row: dict[str, Any]


def record(*, provider: str, reports: Sequence[Report]) -> int:
    """
    Keep the reports of one batch that are new and about something known, and tell other apps.

    Args:
        provider: Whose reports they are.

    Returns:
        How many were kept.
    """
    if not reports:
        return 0
    with transaction.atomic():
        matches = {match.report.event_id: match for match in _match(provider, reports)}
        ids = delivery_rows.insert_events([match.row for match in matches.values()])
        new = [match for event_id, match in matches.items() if event_id in ids]
        _move_forward(new)
        suppressions.keep([match.row for match in new if match.report.suppresses])
        # Inside: where a receiver fails, nothing is kept, and the provider tells it all again.
        _tell(new)
    return len(new)


def _match(provider: str, reports: Sequence[Report]) -> Iterator[_Match]:
    """Find what each report is about; of mail that is not ours only suppressions are of use."""
    now = timezone.now()
    fingerprints = {each: redact.fingerprint(each) for each in {r.recipient for r in reports}}
    scrubbed: dict[str, str] = {}  # most say the same
    by_name = _calls_by_name(provider, reports, fingerprints)
    for report in reports:
        to = fingerprints[report.recipient]
        call = next((by_name[to, name] for name in _names(report) if (to, name) in by_name), None)
        if call is None and not report.suppresses:
            continue
        for text in (report.kind, report.reason):
            if text not in scrubbed:
                scrubbed[text] = redact.scrub(text)
        # The call's mask, where there is one: of somebody who was erased none comes back.
        masked = redact.mask_recipient(report.recipient) if call is None else call.recipient_masked
        yield _Match(
            report=report,
            call=call,
            row={
                "provider": provider,
                "event_id": report.event_id,
                "call_id": call.id if call else None,
                "state": report.state,
                "kind": scrubbed[report.kind][:KIND_LENGTH],
                "reason": scrubbed[report.reason][:REASON_LENGTH],
                "recipient_masked": masked,
                "recipient_fingerprint": to,
                "at": report.at,
                "received_at": now,
            },
        )


def _names(report: Report) -> list[str]:
    """Return what the message may be found by, the surest first.

    Their id is of one message only; a reference is the caller's, who may give it again.
    """
    names = [f"id {each}" for each in report.message_ids]
    if report.reference:
        names.append(f"reference {report.reference}")
    if report.correlation_id:
        names.append(f"correlation {report.correlation_id}")
    return names


def _calls_by_name(
    provider: str, reports: Sequence[Report], fingerprints: dict[str, str]
) -> dict[tuple[str, str], Call]:
    """Lock the calls that may be meant; return them by recipient and name, the newest of each."""
    calls = delivery_rows.lock_calls(
        provider=provider,
        fingerprints=set(fingerprints.values()),
        message_ids={each for report in reports for each in report.message_ids},
        references={report.reference for report in reports} - {""},
        correlation_ids={report.correlation_id for report in reports} - {""},
    )
    found: dict[tuple[str, str], Call] = {}
    for call in sorted(calls, key=lambda call: call.started_at):
        to = call.recipient_fingerprint
        found[to, f"id {call.provider_message_id}"] = call
        found[to, f"reference {call.reference}"] = call
        if call.outcome == Outcome.UNKNOWN:
            found[to, f"correlation {call.correlation_id}"] = call
    return found


def _move_forward(new: list[_Match]) -> None:
    """Take the furthest state that is told of each call, at the first time of it."""
    moves: dict[UUID, Move] = {}
    lost: dict[UUID, str] = {}
    # What goes last wins: delivered after undelivered, of each the earliest last.
    for match in sorted(new, key=lambda m: m.report.at, reverse=True):
        call, report = match.call, match.report
        if call is None:
            continue
        if report.state == Delivery.DELIVERED or (
            report.state == Delivery.UNDELIVERED
            and moves.get(call.id, Move("", report.at)).state != Delivery.DELIVERED
        ):
            moves[call.id] = Move(report.state, report.at)
        if call.outcome == Outcome.UNKNOWN:
            # The shortest: whatever we are told later begins with it.
            ids = report.message_ids or ("",)
            lost[call.id] = ids[-1][:MESSAGE_ID_LENGTH]
    delivery_rows.move_calls(moves)
    delivery_rows.settle_calls(lost)


def _tell(new: list[_Match]) -> None:
    told = [
        DeliveryReport(
            provider=match.row["provider"],
            reference=match.call.reference,
            state=match.report.state,
            at=match.report.at,
            reason=match.row["reason"],
        )
        for match in new
        if match.call is not None and match.report.state != DeliveryEvent.State.UNDERWAY
    ]
    if told:
        delivery_reported.send(sender=None, reports=told)
