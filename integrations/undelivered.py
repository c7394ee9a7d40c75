"""Is what providers accept also delivered? A yes that no message follows fails nowhere (S39).

Operators drop SMS whose header or template is not registered, mailboxes refuse a sender they do not
trust: to us both look like success. The share of undelivered among what was reported tells.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Q
from django.utils import timezone

from integrations import alerts, conf
from integrations.models import Delivery, GatewayCall, Outcome

WINDOW: Final = timedelta(minutes=30)
SETTLED: Final = timedelta(minutes=2)  # by then most reports are here
LEAST_REPORTED: Final = 20  # fewer say nothing
MOST_SHARE: Final = 0.3  # undelivered ÷ reported; on an ordinary day it is below a tenth
CHANNELS: Final = {"sms": "SMS", "email": "mails"}


@dataclass(frozen=True, kw_only=True)
class Reported:
    """What was reported of the calls of half an hour: all, and those that did not arrive."""

    reported: int
    undelivered: int

    @property
    def is_too_much(self) -> bool:
        """Whether so much is lost that a human must look."""
        return self.reported >= LEAST_REPORTED and self.undelivered > MOST_SHARE * self.reported


def measure(*, provider: str, now: datetime) -> Reported:
    """Count the half hour that ended two minutes ago; of what is younger no report may be here."""
    ends_at = now - SETTLED
    calls = GatewayCall.objects.filter(
        provider=provider,
        outcome=Outcome.ACCEPTED,
        started_at__gt=ends_at - WINDOW,
        finished_at__lte=ends_at,
    ).exclude(delivery="")
    lost = Count("pk", filter=Q(delivery=Delivery.UNDELIVERED))
    return Reported(**calls.aggregate(reported=Count("pk"), undelivered=lost))


def check() -> None:
    """Raise the alerts where too much is lost, or resolve them; `alert_watch` calls it."""
    now = timezone.now()
    for channel, what in CHANNELS.items():
        if not conf.has_channel(channel):
            continue
        found = measure(provider=conf.client(channel).provider, now=now)
        alerts.set_alert(
            channel=channel,
            kind="undelivered",
            is_on=found.is_too_much,
            text=f"of {found.reported} {what} with a report within 30 minutes {found.undelivered} "
            "did not arrive.",
        )
