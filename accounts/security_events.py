"""Recording who did what to whom; the rows are never changed afterwards (S57, S58)."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from accounts.models import SecurityEvent
from api import rows
from integrations import gateways, redact

DETAIL_LENGTH = SecurityEvent._meta.get_field("detail").max_length


def record(
    *,
    kind: SecurityEvent.Kind,
    result: SecurityEvent.Result,
    actor_id: UUID | None = None,
    subject: str = "",
    client_address: str = "",
    detail: str = "",
) -> None:
    """
    Insert one event, under the correlation id of the request or command.

    Args:
        actor_id: The account that acted; None for a stranger or a command.
        subject: The phone or mail address that it was done to; mask and fingerprint are kept.
        detail: What exactly, in a few words; scrubbed, and cut to what the column takes.
    """
    rows.insert(
        SecurityEvent(
            kind=kind,
            result=result,
            at=timezone.now(),
            actor_id=actor_id,
            subject_masked=redact.mask_recipient(subject),
            subject_fingerprint=redact.fingerprint(subject) if subject else "",
            client_address=client_address,
            detail=redact.scrub(detail)[:DETAIL_LENGTH],
            correlation_id=gateways.correlation_id(),
        )
    )
