"""Audit rows: written before the call, finished once after it, outside any transaction."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection, connections
from django.utils import timezone

from integrations import postgres, redact
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
    _refuse_transactions()
    if connection.vendor == "postgresql":
        postgres.insert_call(row)
    else:
        row.save(force_insert=True)
    return row.id


def _refuse_transactions() -> None:
    """As ``atomic(durable=True)`` does, without the transaction that it opens itself."""
    blocks = connection.atomic_blocks
    if blocks and not blocks[-1]._from_testcase:  # type: ignore[attr-defined]  # Django's own mark
        raise RuntimeError("A provider is never called inside a transaction.")


def finish(
    call_id: UUID,
    *,
    outcome: Outcome,
    failure: bool,
    key: str,
    attempts: list[dict[str, Any]],
    provider_message_id: str = "",
    provider_code: str = "",
) -> None:
    """Record how the call ended; a second finish changes nothing.

    Args:
        failure: Whether it counts for alerts and `gateways.provider_statuses`.
        key: The one that asked last: the fallback, where the provider refused the first.
    """
    found = {
        "outcome": outcome.value,
        "failure": failure,
        "key_fingerprint": redact.key_fingerprint(key),
        "attempts": attempts,
        "provider_message_id": provider_message_id[
            : GatewayCall.provider_message_id.field.max_length
        ],
        "provider_code": provider_code[: GatewayCall.provider_code.field.max_length],
        "finished_at": timezone.now(),
    }
    if connection.vendor == "postgresql":
        postgres.finish_call(call_id, found)
    else:
        GatewayCall.objects.filter(id=call_id, outcome=Outcome.STARTED).update(**found)


def release_connections() -> None:
    """Give the database connections back before the first byte leaves for a provider."""
    for each in connections.all(initialized_only=True):
        if not each.in_atomic_block:  # only a test case's own transaction is still open here
            each.close()
