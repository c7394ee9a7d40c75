"""Trying a code: counted before it is compared, and used once (S6, S7, S16).

Everything here locks the phone's row first, so that two never wait for each other in a ring. On
PostgreSQL the usual cases are one statement each (`otp.postgres_tries`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from otp import challenges, limits, postgres_tries, refusing
from otp.models import Challenge, Install, Phone, State
from otp.proofs import InstallProof
from otp.refusing import Refusal


@dataclass(frozen=True, kw_only=True)
class Try:
    """A counted try. ``install_id``: for whose bucket; None is the phone's."""

    challenge: Challenge
    install_id: UUID | None = None


def count(challenge_id: UUID, *, proof: InstallProof | None, now: datetime) -> Try | None:
    """Count a try of a challenge; None where there is nothing to try.

    Raises:
        Problem: 429 ``otp_attempts_exhausted`` or ``phone_locked``.
    """
    if connection.vendor == "postgresql" and proof is None:
        first = postgres_tries.count_first_attempt(challenge_id, now=now)
        if first is not None:
            return Try(challenge=first)
    refusals: list[Refusal] = []
    with transaction.atomic():
        phone = _lock_phone_of(challenge_id)
        challenge = Challenge.objects.filter(pk=challenge_id).first() if phone else None
        if phone is None or challenge is None or not challenge.is_live(now):
            return None
        bucket: Phone | Install = phone
        install_id = _install_of(challenge, proof)
        if install_id:
            bucket = challenges.lock_install(install_id, phone_e164=challenge.phone_id)
        refusals = _refusals(challenge, install_id, in_a_row=bucket.wrong_in_a_row, now=now)
        if not refusals:
            challenge.attempts += 1
            challenge.tries.append([now.isoformat(), str(install_id) if install_id else None])
            challenge.save(update_fields=["attempts", "tries"])
            bucket.wrong_in_a_row += 1
            bucket.save(update_fields=["wrong_in_a_row"])
    if refusals:
        raise refusing.longest(refusals)
    return Try(challenge=challenge, install_id=install_id)


def find_refusals(
    challenge_id: UUID, *, proof: InstallProof | None, now: datetime
) -> list[Refusal]:
    """Return what refuses a try besides the address; nothing is counted."""
    challenge = Challenge.objects.filter(pk=challenge_id).select_related("phone").first()
    if challenge is None or not challenge.is_live(now):
        return []
    install_id = _install_of(challenge, proof)
    in_a_row = challenge.phone.wrong_in_a_row
    if install_id:
        rows = Install.objects.filter(pk=install_id).values_list("wrong_in_a_row", flat=True)
        in_a_row = rows.first() or 0
    return _refusals(challenge, install_id, in_a_row=in_a_row, now=now)


def use_up(found: Try, *, now: datetime) -> bool:
    """Spend the code; true for exactly one caller, and only while it is valid.

    It ends the row of wrong codes of who tried, and from a known install the phone's as well: that
    lifts its lock.
    """
    challenge = found.challenge
    if connection.vendor == "postgresql" and found.install_id is None:
        return postgres_tries.use_up(challenge, now=now)
    with transaction.atomic():
        _lock_phone_of(challenge.pk)
        live = Challenge.objects.filter(pk=challenge.pk, state=State.ACCEPTED, expires_at__gt=now)
        kept = live.values_list("tries", flat=True).first()
        if kept is None:
            return False
        del kept[challenge.attempts - 1]  # it was right
        live.update(state=State.VERIFIED, verified_at=now, tries=kept)
        _end_row(Phone.objects.filter(pk=challenge.phone_id))
        if found.install_id:
            _end_row(Install.objects.filter(pk=found.install_id))
    return True


def lift_lock(phone_e164: str) -> None:
    """End the rows of wrong codes of a phone and of its installs."""
    with transaction.atomic():
        _end_row(Phone.objects.filter(pk=phone_e164))
        _end_row(Install.objects.filter(phone_id=phone_e164))


def _end_row(buckets: QuerySet[Phone] | QuerySet[Install]) -> None:
    buckets.filter(wrong_in_a_row__gt=0).update(wrong_in_a_row=0)


def _lock_phone_of(challenge_id: UUID) -> Phone | None:
    """Put what is tried at one phone in line until the transaction ends."""
    rows = Phone.objects.select_for_update(of=("self",), no_key=True)
    return rows.filter(challenges=challenge_id).first()


def _install_of(challenge: Challenge, proof: InstallProof | None) -> UUID | None:
    if proof is not None and proof.is_for(challenge.phone_id):
        return proof.install_id
    return None


def _refusals(
    challenge: Challenge, install_id: UUID | None, *, in_a_row: int, now: datetime
) -> list[Refusal]:
    refusals = limits.lock_refusals(
        limits.recent_challenges(challenge.phone_id, now=now),
        install_id=install_id,
        in_a_row=in_a_row,
        now=now,
    )
    if challenge.attempts >= settings.OTP_TRIES:
        wait = max(limits.seconds_left(challenge.resend_at or now, now=now), 1)
        refusals.append(refusing.tries_used_up(wait))
    return refusals
