"""Audit rows: written before the call, finished once after it, outside any transaction."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connections, transaction
from django.utils import timezone

from integrations import redact
from integrations.correlation import correlation_id
from integrations.models import GatewayCall, Outcome


def start(*, provider: str, operation: str, recipient: str, reference: str, key: str) -> UUID:
    """Commit the row of a call that is about to begin.

    Raises:
        RuntimeError: A transaction is open. It would roll the row back with it, and hold its
            database connection for as long as the provider takes.
    """
    row = GatewayCall(
        provider=provider,
        operation=operation,
        recipient_masked=redact.mask_recipient(recipient),
        recipient_fingerprint=redact.fingerprint(recipient),
        reference=reference,
        correlation_id=correlation_id(),
        key_fingerprint=redact.key_fingerprint(key),
        started_at=timezone.now(),
    )
    with transaction.atomic(durable=True):
        row.save(force_insert=True)
    return row.id


def finish(
    call_id: UUID,
    *,
    outcome: Outcome,
    attempts: list[dict[str, Any]],
    provider_message_id: str = "",
    provider_code: str = "",
) -> None:
    """Record how the call ended; a second finish changes nothing."""
    GatewayCall.objects.filter(id=call_id, outcome=Outcome.STARTED).update(
        outcome=outcome,
        attempts=attempts,
        provider_message_id=provider_message_id[:200],
        provider_code=provider_code[:60],
        finished_at=timezone.now(),
    )


def release_connections() -> None:
    """Give the database connections back before the first byte leaves for a provider."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:  # only a test case's own transaction is still open here
            connection.close()
