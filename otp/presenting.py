"""How a challenge looks from outside."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.conf import settings

from accounts.presenting import present_user
from api.timestamps import timestamp
from integrations import redact
from otp.limits import seconds_left
from otp.login import LoggedIn
from otp.models import DELIVERED, UNDELIVERED, Challenge, State

# In the order in which a challenge may reach them; the last two end one that is not verified.
STATES: Final = (
    State.CREATED.value,
    State.ACCEPTED.value,
    UNDELIVERED,
    DELIVERED,
    State.VERIFIED.value,
    "expired",
    State.FAILED.value,
)


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


def present_login(opened: LoggedIn) -> dict[str, Any]:
    """Return the answer of verifyOTP; token and proof stand nowhere else."""
    return {
        "token": opened.issued.token,
        "expiresAt": timestamp(opened.issued.expires_at),
        "installProof": opened.install_proof,
        "user": present_user(opened.user),
    }


def present_state(challenge: Challenge, *, now: datetime) -> dict[str, Any]:
    """Return the furthest state, what is left of its times, and each state reached."""
    events = []
    for state, at in _reached(challenge, now=now):
        reason = {"reason": challenge.undelivered_reason} if state == UNDELIVERED else {}
        events.append({"state": state, "at": timestamp(at), **reason})
    expires_at = challenge.expires_at if challenge.state == State.ACCEPTED else None
    resend_at = challenge.resend_at if challenge.counts else None
    return {
        "state": events[-1]["state"],
        "expiresIn": seconds_left(expires_at or now, now=now),
        "resendIn": seconds_left(resend_at or now, now=now),
        "events": events,
    }


def furthest_state(challenge: Challenge, *, now: datetime) -> str:
    """Return the state that everybody is shown: what is stored, what was reported, the clock."""
    return _reached(challenge, now=now)[-1][0]


def _reached(challenge: Challenge, *, now: datetime) -> list[tuple[str, datetime]]:
    """Return each state reached and its moment, the furthest last."""
    expires_at = challenge.expires_at
    is_accepted = challenge.accepted_at is not None  # a report may be faster than our own row
    is_over = challenge.state == State.ACCEPTED and expires_at is not None and expires_at <= now
    moments = (
        challenge.created_at,
        challenge.accepted_at,
        challenge.undelivered_at if is_accepted else None,
        challenge.delivered_at if is_accepted else None,
        challenge.verified_at,
        expires_at if is_over else None,
        challenge.failed_at,
    )
    return [(state, at) for state, at in zip(STATES, moments, strict=True) if at is not None]
