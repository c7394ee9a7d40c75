"""Limits over many phones: numbers of one prefix, and what a day may cost (S14).

Neither counts sends apart: a prefix's are its challenges, so that one that is verified,
or surely failed, no longer counts by itself. Only money is added up, since a day has many.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F

from otp import refusing
from otp.limits import MINUTES_10, seconds_left, wait_seconds
from otp.models import Challenge, DaySpend
from otp.refusing import Refusal

BUDGET_ZONE: Final = ZoneInfo("Asia/Kolkata")
LAST_DIGITS: Final = 4


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What was there at one look.

    ``version``: of the prefix's line. ``sends``: when its unverified codes of ten minutes were
    asked for, oldest first. ``paise``: what the day has cost.
    """

    version: int = 0
    sends: list[datetime] = field(default_factory=list)
    paise: int = 0


def subject(challenge: Challenge) -> None:
    """Give a new challenge its prefix, the number without its last four digits, and its price."""
    challenge.prefix = challenge.phone_id[:-LAST_DIGITS]
    challenge.paise = settings.OTP_PRICE_PAISE if has_budget() else 0


def day_of(moment: datetime) -> date:
    """Return the day of the budget that a moment belongs to."""
    return moment.astimezone(BUDGET_ZONE).date()


def has_budget() -> bool:
    """Whether codes cost something, and there is a budget for it."""
    return bool(settings.OTP_DAILY_BUDGET_RUPEES and settings.OTP_PRICE_PAISE)


def budget_paise() -> int:
    """Return what a day may cost."""
    return int(settings.OTP_DAILY_BUDGET_RUPEES) * 100


def is_subject(challenge: Challenge) -> bool:
    """Whether there is anything to look at: a limit that is on, for who is not exempt."""
    is_on = bool(settings.OTP_SENDS_PER_PREFIX_10MIN) or has_budget()
    return is_on and bool(challenge.prefix)


def look(challenge: Challenge) -> Seen:
    """Look at the prefix and the day; `otp.postgres_opening` does it in one statement."""
    now = challenge.created_at
    sends: list[datetime] = []
    paise = 0
    if settings.OTP_SENDS_PER_PREFIX_10MIN:
        found = Challenge.objects.filter(
            prefix=challenge.prefix,
            created_at__gt=now - MINUTES_10,
            counts=True,
            verified_at=None,
        )
        sends = list(found.order_by("created_at").values_list("created_at", flat=True))
    if has_budget():
        spent = DaySpend.objects.filter(pk=day_of(now)).values_list("paise", flat=True)
        paise = spent.first() or 0
    return Seen(sends=sends, paise=paise)


def refusals(seen: Seen, *, now: datetime) -> list[Refusal]:
    """Return why no code may go out to a stranger of this prefix now; empty: it may."""
    found = [
        wait_seconds(
            seen.sends, amount=settings.OTP_SENDS_PER_PREFIX_10MIN, window=MINUTES_10, now=now
        )
    ]
    if has_budget() and seen.paise + settings.OTP_PRICE_PAISE > budget_paise():
        tomorrow = datetime.combine(day_of(now) + timedelta(days=1), time(), tzinfo=BUDGET_ZONE)
        found.append(seconds_left(tomorrow, now=now))
    return [refusing.asked_too_often(wait) for wait in found if wait]


def charge(challenge: Challenge) -> None:
    """Add a send's price to its day; the caller has the database's only write lock (SQLite)."""
    if challenge.paise:
        day, _ = DaySpend.objects.get_or_create(
            pk=day_of(challenge.created_at), defaults={"paise": 0}
        )
        DaySpend.objects.filter(pk=day.pk).update(paise=F("paise") + challenge.paise)


def refund(challenge: Challenge) -> None:
    """Take the price of a send that surely failed off its day."""
    if challenge.paise:
        day = DaySpend.objects.filter(pk=day_of(challenge.created_at))
        day.filter(paise__gte=challenge.paise).update(paise=F("paise") - challenge.paise)
