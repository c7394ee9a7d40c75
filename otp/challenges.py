"""Challenges in the database: opened within the phone's limits, tried, used once.

What may happen once is decided by conditional UPDATEs (S6, S7, S20). On PostgreSQL the usual cases
are one statement each, without a transaction (`otp.postgres`); elsewhere, and in all other cases,
requests for one number stand in line by its row. Which limits hold, `otp.limits` says for both.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from api.problems import Problem
from otp import limits, postgres
from otp.models import Challenge, Phone, State


def open_challenge(challenge: Challenge, *, now: datetime) -> None:
    """Insert a new challenge, if the limits of its phone allow one more.

    Raises:
        Problem: 429 ``resend_too_soon`` or ``send_limit_reached``.
    """
    if connection.vendor == "postgresql":
        _open_without_waiting(challenge, now=now)
        return
    with transaction.atomic():
        _lock_phone(challenge.phone_id, now=now)
        _allow(challenge, limits.recent_challenges(challenge.phone_id, now=now), now=now)
        challenge.save(force_insert=True)


def _open_without_waiting(challenge: Challenge, *, now: datetime) -> None:
    """Look, decide, and write only if nothing was written since; else look again.

    Whoever was faster has used a place within the limits up, so that this ends.
    """
    while True:
        _allow(challenge, [], now=now)
        if postgres.open_first_of_day(challenge, now=now):
            return
        sends, version = postgres.recent_challenges(challenge.phone_id, now=now)
        _allow(challenge, sends, now=now)
        if postgres.open_another(challenge, version=version, now=now):
            return


def _allow(challenge: Challenge, sends: list[Challenge], *, now: datetime) -> None:
    """Give the challenge its pause, or raise what the limits say after these sends."""
    refusal = limits.send_refusal(sends, now=now)
    if refusal is not None:
        raise refusal
    challenge.resend_at = now + limits.cooldown(sends, now=now)


def _lock_phone(phone_e164: str, *, now: datetime) -> None:
    """Put requests for one number in line until the transaction ends."""
    Phone.objects.bulk_create(
        [Phone(phone_e164=phone_e164, last_request_at=now)],
        update_conflicts=True,
        unique_fields=["phone_e164"],
        update_fields=["last_request_at"],
    )


def accept(challenge: Challenge) -> None:
    """The code is valid, and the cooldown runs, from the moment the provider accepted (S4)."""
    accepted_at = timezone.now()
    pause = (challenge.resend_at or challenge.created_at) - challenge.created_at
    challenge.state = State.ACCEPTED
    challenge.accepted_at = accepted_at
    challenge.expires_at = accepted_at + timedelta(seconds=settings.OTP_VALID_SECONDS)
    challenge.resend_at = accepted_at + pause
    if connection.vendor == "postgresql":
        postgres.accept(challenge)
        return
    Challenge.objects.filter(pk=challenge.pk, state=State.CREATED).update(
        state=challenge.state,
        accepted_at=challenge.accepted_at,
        expires_at=challenge.expires_at,
        resend_at=challenge.resend_at,
    )


def fail(challenge: Challenge, *, costs: bool) -> None:
    """End a challenge that was not accepted.

    Args:
        costs: Whether the send still counts for the phone: the SMS may have gone out.
    """
    Challenge.objects.filter(pk=challenge.pk, state=State.CREATED).update(
        state=State.FAILED, failed_at=timezone.now(), counts=costs
    )


def count_attempt(challenge_id: UUID, *, now: datetime) -> Challenge | None:
    """Return the challenge with this try counted, or None where there is nothing to try.

    Raises:
        Problem: 429 ``otp_attempts_exhausted`` or ``phone_locked``.
    """
    if connection.vendor == "postgresql":
        first = postgres.count_first_attempt(challenge_id, now=now)
        if first is not None:
            return first
    with transaction.atomic():
        challenge = (
            Challenge.objects.select_for_update(of=("self", "phone"))
            .select_related("phone")
            .filter(pk=challenge_id)
            .first()
        )
        if challenge is None or not challenge.is_live(now):
            return None
        if challenge.attempts >= settings.OTP_TRIES:
            raise _exhausted(challenge, now=now)
        refusal = limits.lock_refusal(
            limits.recent_challenges(challenge.phone_id, now=now), now=now
        )
        if refusal is not None:
            raise refusal
        counted = Challenge.objects.filter(
            pk=challenge.pk, state=State.ACCEPTED, attempts__lt=settings.OTP_TRIES
        ).update(attempts=F("attempts") + 1, last_attempt_at=now)
        if not counted:
            return None
    challenge.attempts += 1
    return challenge


def _exhausted(challenge: Challenge, *, now: datetime) -> Problem:
    waits = limits.seconds_left(challenge.resend_at or now, now=now)
    return Problem(
        status=429,
        code="otp_attempts_exhausted",
        detail="Too many wrong codes. Please ask for a new one.",
        retry_after=max(waits, 1),
    )


def use_up(challenge: Challenge, *, now: datetime) -> bool:
    """Spend the code; true for exactly one caller, and only while it is valid."""
    if connection.vendor == "postgresql":
        return postgres.use_up(challenge, now=now)
    live = Challenge.objects.filter(pk=challenge.pk, state=State.ACCEPTED, expires_at__gt=now)
    return bool(live.update(state=State.VERIFIED, verified_at=now))
