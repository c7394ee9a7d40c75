"""What a provider reports about a code moves its challenge."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils import timezone

from integrations.gateways import DeliveryReport
from otp import deliveries
from otp.deliveries import Reported
from otp.models import DELIVERED, REFERENCE, UNDELIVERED


def move_challenges(*, reports: Iterable[DeliveryReport], **kwargs: Any) -> None:
    """Move the challenges of a batch; reports about mails and documents are none of ours.

    Of one challenge the first report of a state counts, and none that follows a delivery.
    """
    delivered: dict[UUID, Reported] = {}
    undelivered: dict[UUID, Reported] = {}
    for report in reports:
        challenge_id = _challenge_of(report.reference)
        if challenge_id is None or challenge_id in delivered:
            continue
        reported = Reported(challenge_id=challenge_id, at=report.at, reason=report.reason)
        if report.state == DELIVERED:
            delivered[challenge_id] = reported
        elif report.state == UNDELIVERED:
            undelivered.setdefault(challenge_id, reported)
    now = timezone.now()
    deliveries.mark_undelivered(list(undelivered.values()), now=now)
    deliveries.mark_delivered(list(delivered.values()), now=now)


def _challenge_of(reference: str) -> UUID | None:
    if not reference.startswith(REFERENCE):
        return None
    try:
        return UUID(reference.removeprefix(REFERENCE))
    except ValueError:
        return None
