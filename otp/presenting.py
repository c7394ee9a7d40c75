"""How a challenge looks from outside."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings

from api.timestamps import timestamp
from integrations import redact
from otp.limits import seconds_left
from otp.models import Challenge, State


def present_sent(challenge: Challenge, *, now: datetime) -> dict[str, Any]:
    """Return the answer of sendOTP; ``expiresIn`` is always the full life of a code."""
    return {
        "challengeId": str(challenge.id),
        "phone": redact.mask_phone(challenge.phone_id),
        "expiresIn": settings.OTP_VALID_SECONDS,
        "expiresAt": timestamp(challenge.expires_at or now),
        "resendIn": seconds_left(challenge.resend_at or now, now=now),
        "resendAt": timestamp(challenge.resend_at or now),
    }


def present_state(challenge: Challenge, *, now: datetime) -> dict[str, Any]:
    """Return the furthest state, what is left of its times, and each state reached."""
    moments = [
        (State.CREATED.value, challenge.created_at),
        (State.ACCEPTED.value, challenge.accepted_at),
        (State.VERIFIED.value, challenge.verified_at),
        (State.FAILED.value, challenge.failed_at),
    ]
    expires_at = challenge.expires_at
    if challenge.state == State.ACCEPTED and expires_at is not None and expires_at <= now:
        moments.append(("expired", expires_at))
    events = [{"state": state, "at": timestamp(at)} for state, at in moments if at is not None]
    live = challenge.state == State.ACCEPTED and expires_at is not None
    waits = challenge.counts and challenge.resend_at is not None
    return {
        "state": events[-1]["state"],
        "expiresIn": seconds_left(expires_at, now=now) if live and expires_at else 0,
        "resendIn": seconds_left(challenge.resend_at, now=now)
        if waits and challenge.resend_at
        else 0,
        "events": events,
    }
