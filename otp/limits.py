"""Limits per phone, counted over its own challenges under the phone's lock (S12, S16, S20)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings

from api.problems import Problem
from otp.models import Challenge, State

MINUTES_10 = timedelta(minutes=10)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def recent_challenges(phone_e164: str, *, now: datetime) -> list[Challenge]:
    """Return the phone's challenges of the longest window, oldest first."""
    return list(
        Challenge.objects.filter(phone_id=phone_e164, created_at__gt=now - DAY).order_by(
            "created_at"
        )
    )


def cooldown(sends: Sequence[Challenge], *, now: datetime) -> timedelta:
    """Return the pause after the send that follows these; it grows within ten minutes."""
    steps = settings.OTP_COOLDOWN_SECONDS
    lately = sum(1 for send in sends if send.counts and send.created_at > now - MINUTES_10)
    return timedelta(seconds=steps[min(lately, len(steps) - 1)] if steps else 0)


def send_refusal(sends: Sequence[Challenge], *, now: datetime) -> Problem | None:
    """Return why the phone may not get a code now; the longest wait speaks."""
    counted = [send for send in sends if send.counts]
    refusals: list[tuple[int, str]] = []
    for amount, window in (
        (settings.OTP_SENDS_PER_PHONE_10MIN, MINUTES_10),
        (settings.OTP_SENDS_PER_PHONE_HOUR, HOUR),
        (settings.OTP_SENDS_PER_PHONE_DAY, DAY),
    ):
        wait = _wait([send.created_at for send in counted], amount=amount, window=window, now=now)
        refusals.append((wait, "send_limit_reached"))
    pauses = [send.resend_at for send in counted if send.resend_at]
    if pauses:
        refusals.append((seconds_left(max(pauses), now=now), "resend_too_soon"))
    wait, code = max(refusals)
    if wait <= 0:
        return None
    texts = {
        "send_limit_reached": "Too many codes were sent to this number. Please try again later.",
        "resend_too_soon": "A code was just sent. Please wait before asking for another.",
    }
    return Problem(status=429, code=code, detail=texts[code], retry_after=wait)


def lock_refusal(sends: Iterable[Challenge], *, now: datetime) -> Problem | None:
    """Return why the phone may not try codes now.

    A try counts as wrong until it was proved right, so that parallel tries cannot outrun the
    limit. The wrong codes of a challenge count from its last one: at most its life too long.
    """
    wrong: list[datetime] = []
    for send in sends:
        count = send.attempts - (1 if send.state == State.VERIFIED else 0)
        if send.last_attempt_at:
            wrong += [send.last_attempt_at] * count
    wrong.sort()
    wait = max(
        _wait(wrong, amount=settings.OTP_WRONG_CODES_PER_PHONE_HOUR, window=HOUR, now=now),
        _wait(wrong, amount=settings.OTP_WRONG_CODES_PER_PHONE_DAY, window=DAY, now=now),
    )
    if wait <= 0:
        return None
    return Problem(
        status=429,
        code="phone_locked",
        detail="Too many wrong codes for this number. Please try again later.",
        retry_after=wait,
    )


def seconds_left(moment: datetime, *, now: datetime) -> int:
    """Return the seconds until a moment, rounded up; 0 when it is over."""
    return max(math.ceil((moment - now).total_seconds()), 0)


def _wait(times: Sequence[datetime], *, amount: int, window: timedelta, now: datetime) -> int:
    """Return the seconds until one more fits into a sliding window; 0 when it fits now."""
    inside = [moment for moment in times if moment > now - window]
    if amount == 0 or len(inside) < amount:
        return 0
    return max(seconds_left(inside[-amount] + window, now=now), 1)
