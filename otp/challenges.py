"""Challenges in the database: opened within the limits that stand there, accepted or failed.

What may happen once is decided by conditional UPDATEs (S20). On PostgreSQL opening is one statement
without a transaction (`otp.postgres_opening`); elsewhere, and for installs with a proof, requests
stand in line by the phone's row. `otp.limits` and `otp.system_limits` say which limits hold.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from otp import limits, postgres_opening, system_limits
from otp.models import Challenge, Install, Phone, State
from otp.refusing import Refusal

# A report that was faster than our own row counts from the moment of the row.
_ACCEPT = f"""
UPDATE {Challenge._meta.db_table}
SET state = '{State.ACCEPTED.value}', accepted_at = %s, expires_at = %s, resend_at = %s,
    delivered_at = CASE WHEN delivered_at < %s THEN %s ELSE delivered_at END,
    undelivered_at = CASE WHEN undelivered_at < %s THEN %s ELSE undelivered_at END
WHERE id = %s AND state = '{State.CREATED.value}'
"""  # noqa: S608  (names of our own model)


def open_challenge(challenge: Challenge) -> list[Refusal]:
    """Insert a new challenge, if the limits of phone, prefix and budget allow one more.

    With an ``install_id`` the install's own limits hold in place of the phone's; without a
    ``prefix`` the other two do not apply. All are asked for the moment ``created_at``.

    Returns:
        What refuses; empty when the challenge was inserted.
    """
    if connection.vendor == "postgresql" and challenge.install_id is None:
        return _open_without_waiting(challenge)
    with transaction.atomic():
        _lock(challenge)
        refusals = find_refusals(challenge)
        if refusals:
            transaction.set_rollback(True)  # who was refused leaves no row behind
        else:
            challenge.save(force_insert=True)
            system_limits.charge(challenge)
    return refusals


def find_refusals(challenge: Challenge) -> list[Refusal]:
    """Ask all limits that stand in the database; nothing is used up, the pause is set."""
    everything = limits.recent_challenges(challenge.phone_id, now=challenge.created_at)
    refusals = _ask(challenge, limits.sends_of(everything, challenge.install_id))
    if system_limits.is_subject(challenge):
        seen = system_limits.look(challenge)
        refusals += system_limits.refusals(seen, now=challenge.created_at)
    return refusals


def _open_without_waiting(challenge: Challenge) -> list[Refusal]:
    """Look, decide, and write only if nothing was written since; else look again.

    Whoever was faster has used a place within the limits up, so that this ends.
    """
    while True:
        seen = system_limits.Seen()
        others: list[Refusal] = []
        if system_limits.is_subject(challenge):
            seen = postgres_opening.look(challenge)
            others = system_limits.refusals(seen, now=challenge.created_at)
        if not others:
            refusals = _ask(challenge, [])
            if not refusals and postgres_opening.open_first_of_day(challenge, seen=seen):
                return []
        everything, version = recent_with_version(challenge.phone_id, now=challenge.created_at)
        refusals = others + _ask(challenge, limits.sends_of(everything, None))
        if refusals or postgres_opening.open_another(challenge, version=version, seen=seen):
            return refusals


def recent_with_version(
    phone_e164: str, *, now: datetime
) -> tuple[list[Challenge], datetime | None]:
    """Return what `otp.limits` counts of a phone's sends, and the phone's version at that moment.

    None where the number was erased or purged since: no version matches it.
    """
    found = Challenge.objects.filter(phone_id=phone_e164, created_at__gt=now - limits.DAY)
    sends = list(found.select_related("phone").order_by("created_at"))
    if sends:
        return sends, sends[0].phone.last_request_at
    versions = Phone.objects.filter(pk=phone_e164).values_list("last_request_at", flat=True)
    return sends, versions.first()


def _ask(challenge: Challenge, sends: list[Challenge]) -> list[Refusal]:
    """Give the challenge its pause; return what the limits of its bucket say after these sends."""
    now = challenge.created_at
    challenge.resend_at = now + limits.cooldown(sends, now=now)
    return limits.send_refusals(sends, now=now)


def _lock(challenge: Challenge) -> None:
    """Put requests for one phone in line until the transaction ends.

    An install's too: its phone may be erased at this moment, and a proof outlives that row.
    """
    Phone.objects.bulk_create(
        [Phone(phone_e164=challenge.phone_id, last_request_at=challenge.created_at)],
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
    at, expires_at, resend_at = (
        connection.ops.adapt_datetimefield_value(moment)
        for moment in (accepted_at, challenge.expires_at, challenge.resend_at)
    )
    own_id = Challenge._meta.pk.get_db_prep_value(challenge.pk, connection)
    with connection.cursor() as cursor:
        cursor.execute(_ACCEPT, [at, expires_at, resend_at, at, at, at, at, own_id])


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
