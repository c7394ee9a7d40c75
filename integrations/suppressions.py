"""Addresses to which no mail goes out any more, since it would not arrive or is not wanted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from integrations import redact
from integrations.models import Suppression
from integrations.signals import ops_action


def is_suppressed(address: str) -> bool:
    """Whether mail to an address, in any case, is refused before it is sent."""
    return Suppression.objects.filter(pk=redact.fingerprint(address)).exists()


def keep(events: Iterable[Mapping[str, Any]]) -> None:
    """Suppress the addresses of events; one that is suppressed already keeps its first reason.

    Args:
        events: Columns of ``DeliveryEvent``.
    """
    rows = {
        event["recipient_fingerprint"]: Suppression(
            address_fingerprint=event["recipient_fingerprint"],
            address_masked=event["recipient_masked"],
            kind=event["kind"],
            reason=event["reason"],
            since=event["received_at"],
        )
        for event in events
    }
    if rows:
        # In one order always, so that two batches never wait for each other crosswise.
        in_order = [rows[each] for each in sorted(rows)]
        Suppression.objects.bulk_create(in_order, ignore_conflicts=True)


def lift(*, fingerprint: str, reason: str, actor_id: UUID | None) -> bool:
    """Let mail to an address out again; false where nothing holds it back.

    Args:
        reason: Why, for the security event; no address.
        actor_id: The account that acts.
    """
    row = Suppression.objects.filter(pk=fingerprint).first()
    if row is None or not Suppression.objects.filter(pk=fingerprint).delete()[0]:
        return False
    ops_action.send(
        sender=None,
        kind="suppression_lifted",
        # No mask: this record is not found when the person is erased.
        detail=f"{fingerprint[:12]} ({row.kind}): {reason}",
        actor_id=actor_id,
    )
    return True
