"""What the limits say after the sends and tries so far; who asks whom stands elsewhere (S12, S16).

The bucket of a request is its phone, or with an install proof that install (S18). ``install_id``
names it: None is the phone's.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings

from otp import refusing
from otp.models import Challenge
from otp.refusing import Refusal

MINUTES_10 = timedelta(minutes=10)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# The longest window, and the life of a code: its tries are younger than itself.
LOOK_BACK = DAY + timedelta(minutes=5)
ROW_LOCK_SECONDS: Final = 86400  # until somebody lifts it; ask again tomorrow


def recent_challenges(phone_e164: str, *, now: datetime) -> list[Challenge]:
    """Return the phone's challenges of the longest window, of all its buckets, oldest first."""
    return list(
        Challenge.objects.filter(phone_id=phone_e164, created_at__gt=now - LOOK_BACK).order_by(
            "created_at"
        )
    )


def sends_of(challenges: Iterable[Challenge], install_id: UUID | None) -> list[Challenge]:
    """Return the sends that count for a bucket."""
    return [each for each in challenges if each.counts and each.install_id == install_id]


def cooldown(sends: Sequence[Challenge], *, now: datetime) -> timedelta:
    """Return the pause after the send that follows these; it grows within ten minutes."""
    steps = settings.OTP_COOLDOWN_SECONDS
    lately = sum(1 for send in sends if send.created_at > now - MINUTES_10)
    return timedelta(seconds=steps[min(lately, len(steps) - 1)] if steps else 0)


def send_refusals(sends: Sequence[Challenge], *, now: datetime) -> list[Refusal]:
    """Return why a bucket with these sends may not get a code now; empty: it may."""
    moments = [send.created_at for send in sends]
    found = []
    for amount, window in (
        (settings.OTP_SENDS_PER_PHONE_10MIN, MINUTES_10),
        (settings.OTP_SENDS_PER_PHONE_HOUR, HOUR),
        (settings.OTP_SENDS_PER_PHONE_DAY, DAY),
    ):
        wait = wait_seconds(moments, amount=amount, window=window, now=now)
        found.append(refusing.sent_too_often(wait))
    # Without a pause it is the moment of acceptance: later than a request that came just before.
    pauses = [
        send.resend_at
        for send in sends
        if send.resend_at and send.resend_at > (send.accepted_at or send.created_at)
    ]
    if pauses:
        found.append(refusing.sent_just_now(seconds_left(max(pauses), now=now)))
    return [refusal for refusal in found if refusal.wait_seconds > 0]


def lock_refusals(
    challenges: Iterable[Challenge], *, install_id: UUID | None, in_a_row: int, now: datetime
) -> list[Refusal]:
    """Return why a bucket may not try codes now; empty: it may.

    A try counts as wrong until it was proved right, so that parallel tries cannot outrun the
    limit. It counts for who tried, whoever had asked for the code.

    Args:
        challenges: The recent ones of the phone.
        in_a_row: The bucket's wrong codes since its last right one.
    """
    whose = str(install_id) if install_id else None
    wrong = sorted(
        datetime.fromisoformat(at)
        for challenge in challenges
        for at, by in challenge.tries
        if by == whose
    )
    wait = max(
        wait_seconds(wrong, amount=settings.OTP_WRONG_CODES_PER_PHONE_HOUR, window=HOUR, now=now),
        wait_seconds(wrong, amount=settings.OTP_WRONG_CODES_PER_PHONE_DAY, window=DAY, now=now),
        ROW_LOCK_SECONDS if is_locked(in_a_row) else 0,
    )
    return [refusing.phone_locked(wait)] if wait else []


def is_locked(in_a_row: int) -> bool:
    """Whether so many wrong codes in a row lock a bucket until somebody lifts it."""
    return 0 < settings.OTP_WRONG_CODES_IN_A_ROW <= in_a_row


def seconds_left(moment: datetime, *, now: datetime) -> int:
    """Return the seconds until a moment, rounded up; 0 when it is over."""
    return max(math.ceil((moment - now).total_seconds()), 0)


def wait_seconds(
    times: Sequence[datetime], *, amount: int, window: timedelta, now: datetime
) -> int:
    """Return the seconds until one more fits into a sliding window; 0 when it fits now.

    Args:
        times: When the earlier ones were, oldest first.
        amount: How many fit; 0 is no limit.
    """
    inside = [moment for moment in times if moment > now - window]
    if amount == 0 or len(inside) < amount:
        return 0
    return max(seconds_left(inside[-amount] + window, now=now), 1)
