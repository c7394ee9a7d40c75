"""This app's rows that grow old, and its rows about one person."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from integrations.redact import fingerprint
from otp.models import Challenge, DemoNumber, Phone


def blank_digests(challenges: QuerySet[Challenge]) -> None:
    """Drop digests and what they were made under; no code matches an empty one."""
    challenges.update(code_digest="", pepper_id="")


def phones_without_challenge() -> QuerySet[Phone]:
    """Return the numbers that no challenge holds on to."""
    return Phone.objects.filter(~Exists(Challenge.objects.filter(phone=OuterRef("pk"))))


def stand_in(phone_e164: str) -> str:
    """Return what stands in the place of an erased number; it follows from the number alone."""
    length = Phone._meta.get_field("phone_e164").max_length
    return f"erased-{fingerprint(phone_e164)}"[:length]


def list_challenges(*, phone_e164: str) -> list[dict[str, Any]]:
    """Return what is known about the codes sent to a number, oldest first."""
    rows = Challenge.objects.filter(phone_id__in=[phone_e164, stand_in(phone_e164)])
    return [
        {
            "id": str(row.pk),
            "app": row.app,
            "state": row.state,
            "tries": row.attempts,
            "clientAddress": row.client_address,
            "createdAt": row.created_at,
            "acceptedAt": row.accepted_at,
            "deliveredAt": row.delivered_at,
            "verifiedAt": row.verified_at,
            "failedAt": row.failed_at,
        }
        for row in rows.order_by("created_at")
    ]


def list_demo_numbers(*, phone_e164: str) -> list[dict[str, Any]]:
    """Return whether and until when a number's code is a fixed one."""
    rows = DemoNumber.objects.filter(phone_e164=phone_e164)
    return [{"role": row.role, "createdAt": row.created_at, "endsAt": row.ends_at} for row in rows]


def is_known(*, phone_e164: str) -> bool:
    """Whether a code was ever asked for, for this number, and is still on record."""
    return Phone.objects.filter(pk__in=[phone_e164, stand_in(phone_e164)]).exists()


def erase_phone(*, phone_e164: str, dry_run: bool) -> int:
    """Put a stand-in in the place of the number; digests and addresses of its challenges go.

    A code that is still out for the number works no more, and it is no demo number any more.

    Returns:
        How many challenges are changed, or would be.
    """
    challenges = Challenge.objects.filter(phone_id=phone_e164)
    if dry_run:
        return challenges.count()
    DemoNumber.objects.filter(phone_e164=phone_e164).delete()
    with transaction.atomic():
        # Locked: whoever asks for a code meanwhile waits, and then begins a row of its own.
        phone = Phone.objects.select_for_update().filter(pk=phone_e164).first()
        if phone is None:
            return 0
        kept, _ = Phone.objects.get_or_create(
            pk=stand_in(phone_e164), defaults={"last_request_at": phone.last_request_at}
        )
        changed = challenges.update(
            phone=kept, code_digest="", pepper_id="", client_address="", prefix="", install_id=None
        )
        phone.delete()
    return changed
