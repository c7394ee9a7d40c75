"""Challenges in the database: opened within the limits that stand there, accepted or failed.

What may happen once is decided by conditional UPDATEs (S20). On PostgreSQL the usual cases are one
statement each, without a transaction (`otp.postgres`); elsewhere, and for installs with a proof,
requests stand in line by a row. `otp.limits` and `otp.system_limits` say which limits hold.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, F, Value, When
from django.utils import timezone

from otp import limits, postgres, system_limits
from otp.limits import Refusal
from otp.models import Challenge, Install, Phone, State


def open_challenge(challenge: Challenge, *, now: datetime) -> list[Refusal]:
    """Insert a new challenge, if the limits of phone, prefix and budget allow one more.

    With an ``install_id`` the install's own limits hold in place of the phone's; without a
    ``prefix`` the other two do not apply.

    Returns:
        What refuses; empty when the challenge was inserted.
    """
    if connection.vendor == "postgresql" and challenge.install_id is None:
        return _open_without_waiting(challenge, now=now)
    with transaction.atomic():
        _lock(challenge, now=now)
        refusals = find_refusals(challenge, now=now)
        if refusals:
            transaction.set_rollback(True)  # who was refused leaves no row behind
        else:
            challenge.save(force_insert=True)
            system_limits.charge(challenge)
    return refusals


def find_refusals(challenge: Challenge, *, now: datetime) -> list[Refusal]:
    """Ask all limits that stand in the database; nothing is used up, the pause is set."""
    everything = limits.recent_challenges(challenge.phone_id, now=now)
    refusals = _ask(challenge, limits.sends_of(everything, challenge.install_id), now=now)
    if system_limits.apply_to(challenge):
        seen = system_limits.look(challenge, now=now)
        refusals += system_limits.refusals(seen, now=now)
    return refusals


def _open_without_waiting(challenge: Challenge, *, now: datetime) -> list[Refusal]:
    """Look, decide, and write only if nothing was written since; else look again.

    Whoever was faster has used a place within the limits up, so that this ends.
    """
    while True:
        seen = system_limits.Seen()
        others: list[Refusal] = []
        if system_limits.apply_to(challenge):
            seen = postgres.look(challenge, now=now)
            others = system_limits.refusals(seen, now=now)
        if not others:
            refusals = _ask(challenge, [], now=now)
            if not refusals and postgres.open_first_of_day(challenge, seen=seen, now=now):
                return []
        everything, version = postgres.recent_challenges(challenge.phone_id, now=now)
        refusals = others + _ask(challenge, limits.sends_of(everything, None), now=now)
        if refusals or postgres.open_another(challenge, version=version, seen=seen, now=now):
            return refusals


def _ask(challenge: Challenge, sends: list[Challenge], *, now: datetime) -> list[Refusal]:
    """Give the challenge its pause; return what the limits of its bucket say after these sends."""
    challenge.resend_at = now + limits.cooldown(sends, now=now)
    return limits.send_refusals(sends, now=now)


def _lock(challenge: Challenge, *, now: datetime) -> None:
    """Put requests for one phone in line until the transaction ends.

    An install's too: its phone may be erased at this moment, and a proof outlives that row.
    """
    Phone.objects.bulk_create(
        [Phone(phone_e164=challenge.phone_id, last_request_at=now)],
        update_conflicts=True,
        unique_fields=["phone_e164"],
        update_fields=["last_request_at"],
    )
    if challenge.install_id is not None:
        lock_install(challenge.install_id, phone_e164=challenge.phone_id)


def lock_install(install_id: UUID, *, phone_e164: str) -> Install:
    """Return the row of an install, made where it is new, locked until the transaction ends."""
    Install.objects.bulk_create(
        [Install(id=install_id, phone_id=phone_e164)], ignore_conflicts=True
    )
    return Install.objects.select_for_update(no_key=True).get(pk=install_id)


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
        delivered_at=_not_before(accepted_at, "delivered_at"),
        undelivered_at=_not_before(accepted_at, "undelivered_at"),
    )


def _not_before(moment: datetime, column: str) -> Case:
    """A report that was faster than our own row counts from the moment of the row."""
    return Case(When(**{f"{column}__lt": moment}, then=Value(moment)), default=F(column))


def fail(challenge: Challenge, *, costs: bool) -> None:
    """End a challenge that was not accepted.

    Args:
        costs: Whether the send still counts for phone and prefix, and is paid for: the SMS may
            have gone out.
    """
    with transaction.atomic():
        failed = Challenge.objects.filter(pk=challenge.pk, state=State.CREATED).update(
            state=State.FAILED, failed_at=timezone.now(), counts=costs
        )
        if failed and not costs:
            system_limits.refund(challenge)
