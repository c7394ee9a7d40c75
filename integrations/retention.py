"""This app's rows about one person."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

from integrations.models import GatewayCall


def calls_to(*, fingerprints: Collection[str]) -> QuerySet[GatewayCall]:
    """Return the calls about one person."""
    return GatewayCall.objects.filter(recipient_fingerprint__in=fingerprints)


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
