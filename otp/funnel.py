"""The share of sent codes that are typed in: one that falls says what no provider does (S15).

SMS that are accepted and never arrive look like success everywhere else, and so does somebody who
makes us send codes to numbers of his own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone

from integrations import gateways
from otp import codes
from otp.models import Challenge, State

WINDOW: Final = timedelta(minutes=30)
LEAST_SENDS: Final = 20  # fewer say nothing
LEAST_SHARE: Final = 0.4  # verified ÷ sent


@dataclass(frozen=True, kw_only=True)
class Funnel:
    """Codes of half an hour: how many the provider accepted, how many of those were typed in."""

    sent: int
    verified: int

    @property
    def is_too_narrow(self) -> bool:
        return self.sent >= LEAST_SENDS and self.verified < LEAST_SHARE * self.sent


def measure(*, now: datetime) -> Funnel:
    """Count the half hour that ended one life of a code ago: younger codes may still be typed."""
    ends_at = now - timedelta(seconds=settings.OTP_VALID_SECONDS)
    sent = Challenge.objects.filter(
        created_at__gt=ends_at - WINDOW,
        created_at__lte=ends_at,
        state__in=(State.ACCEPTED, State.VERIFIED),
    ).exclude(pepper_id=codes.DEMO)
    return Funnel(
        **sent.aggregate(sent=Count("pk"), verified=Count("pk", filter=Q(state=State.VERIFIED)))
    )


def check() -> None:
    """Raise the alert where too few codes are typed in, or resolve it; `alert_watch` calls it."""
    funnel = measure(now=timezone.now())
    gateways.set_alert(
        channel="sms",
        kind="unverified",
        is_on=funnel.is_too_narrow,
        text=f"of {funnel.sent} codes sent within 30 minutes {funnel.verified} were typed in. "
        "SMS may not arrive, or somebody asks for codes that nobody wants.",
    )
