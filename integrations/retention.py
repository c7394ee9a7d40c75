"""This app's rows about one person."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Q, QuerySet

from integrations.models import DeliveryEvent, GatewayCall, Suppression


def calls_to(*, fingerprints: Collection[str]) -> QuerySet[GatewayCall]:
    """Return the calls about one person."""
    return GatewayCall.objects.filter(recipient_fingerprint__in=fingerprints)


def is_known(*, fingerprints: Collection[str]) -> bool:
    """Whether any row is about one person."""
    return (
        calls_to(fingerprints=fingerprints).exists()
        or _events_about(fingerprints).exists()
        or Suppression.objects.filter(pk__in=fingerprints).exists()
    )


def list_calls(*, fingerprints: Collection[str]) -> list[dict[str, Any]]:
    """Return what is known about the calls to one person, oldest first."""
    return [
        {
            "id": str(row.pk),
            "provider": row.provider,
            "operation": row.operation,
            "outcome": row.outcome,
            "recipient": row.recipient_masked,
            "providerMessageId": row.provider_message_id,
            "correlationId": row.correlation_id,
            "startedAt": row.started_at,
            "finishedAt": row.finished_at,
            "delivery": row.delivery,
            "deliveryAt": row.delivery_at,
        }
        for row in calls_to(fingerprints=fingerprints).order_by("started_at")
    ]


def blank_calls(*, fingerprints: Collection[str], dry_run: bool) -> int:
    """Blank the masks of one person's calls; the keyed fingerprint stays.

    Returns:
        How many rows are changed, or would be.
    """
    rows = calls_to(fingerprints=fingerprints).exclude(recipient_masked="")
    return rows.count() if dry_run else rows.update(recipient_masked="")


def _events_about(fingerprints: Collection[str]) -> QuerySet[DeliveryEvent]:
    return DeliveryEvent.objects.filter(recipient_fingerprint__in=fingerprints)


def list_delivery_events(*, fingerprints: Collection[str]) -> list[dict[str, Any]]:
    """Return what providers reported about messages to one person, oldest first."""
    return [
        {
            "provider": row.provider,
            "callId": str(row.call_id) if row.call_id else None,
            "state": row.state,
            "kind": row.kind,
            "reason": row.reason,
            "recipient": row.recipient_masked,
            "at": row.at,
            "receivedAt": row.received_at,
        }
        for row in _events_about(fingerprints).order_by("received_at", "pk")
    ]


def list_suppressions(*, fingerprints: Collection[str]) -> list[dict[str, Any]]:
    """Return which addresses of one person get no mail, and since when."""
    return [
        {
            "address": row.address_masked,
            "kind": row.kind,
            "reason": row.reason,
            "since": row.since,
        }
        for row in Suppression.objects.filter(pk__in=fingerprints).order_by("since")
    ]


def blank_delivery_events(*, fingerprints: Collection[str], dry_run: bool) -> int:
    """Blank masks and reasons, which may quote an address, of the reports about one person.

    Returns:
        How many rows are changed, or would be.
    """
    rows = _events_about(fingerprints).exclude(Q(recipient_masked="") & Q(reason=""))
    return rows.count() if dry_run else rows.update(recipient_masked="", reason="")


def blank_suppressions(*, fingerprints: Collection[str], dry_run: bool) -> int:
    """Blank what is readable of one person's suppressed addresses; they stay suppressed.

    Returns:
        How many rows are changed, or would be.
    """
    rows = Suppression.objects.filter(pk__in=fingerprints)
    rows = rows.exclude(Q(address_masked="") & Q(reason=""))
    return rows.count() if dry_run else rows.update(address_masked="", reason="")
