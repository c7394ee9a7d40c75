"""Demo numbers: a fixed code instead of an SMS, for the review of an app in a store.

Each process reads the few there are at most every few seconds, so that no other number pays for
them. What a code opens is decided by the row itself, at that moment.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts import sessions
from accounts.models import User
from otp import codes
from otp.models import Challenge, DemoNumber

REFRESH_SECONDS = 5


def make(*, phone_e164: str, role: str, ends_at: datetime, made_by: UUID, now: datetime) -> str:
    """Make a demo number, and its account where there is none; return the code, the only time.

    Raises:
        ValidationError: a privileged role, an account with another role, too long, or there is one.
    """
    code = codes.make_code()
    number = DemoNumber(
        phone_e164=phone_e164,
        role=role,
        code_digest=codes.demo_digest(phone_e164=phone_e164, code=code),
        ends_at=ends_at,
        made_by=made_by,
        created_at=now,
    )
    number.full_clean()
    try:
        with transaction.atomic():
            number.save(force_insert=True)
            if not User.objects.filter(phone=phone_e164).exists():
                User.objects.create_user(role=role, phone=phone_e164)
    except IntegrityError as err:
        # Since it was looked at; whoever tries again is told which of the two it was.
        raise ValidationError("This number got an account or became one just now.") from err
    _known.read()
    return code


def remove(number: DemoNumber) -> None:
    """Make it a number like any other at once; the sessions of its account end."""
    with transaction.atomic():
        number.delete()
        for user in User.objects.filter(phone=number.phone_e164):
            sessions.end_all_tokens(user=user)
    _known.read()


def known_digest(phone_e164: str, *, now: datetime) -> str:
    """Return the digest of a demo number's code, empty for every other number; no statement."""
    digest, ends_at = _known.digests_by_phone().get(phone_e164, ("", now))
    return digest if now < ends_at else ""


def find(challenge: Challenge, *, now: datetime) -> DemoNumber | None:
    """Return the demo number of a challenge, None where it is over, was removed or made anew."""
    return DemoNumber.objects.filter(
        phone_e164=challenge.phone_id, code_digest=challenge.code_digest, ends_at__gt=now
    ).first()


def hold(number: DemoNumber) -> bool:
    """Keep it from being removed until the transaction ends; false where it was already."""
    held = DemoNumber.objects.select_for_update(no_key=True).filter(pk=number.pk)
    return held.first() is not None


@dataclass
class _Known:
    """What this process knows, and until when it asks nobody."""

    digests: Mapping[str, tuple[str, datetime]] = field(default_factory=dict)
    fresh_until: float = 0.0
    reading: threading.Lock = field(default_factory=threading.Lock)

    def digests_by_phone(self) -> Mapping[str, tuple[str, datetime]]:
        # While one thread reads, the others go by what was known a moment ago.
        if time.monotonic() >= self.fresh_until and self.reading.acquire(blocking=False):
            try:
                self.read()
            finally:
                self.reading.release()
        return self.digests

    def read(self) -> None:
        rows = DemoNumber.objects.values_list("phone_e164", "code_digest", "ends_at")
        self.digests = {phone: (digest, ends_at) for phone, digest, ends_at in rows}
        self.fresh_until = time.monotonic() + REFRESH_SECONDS


_known = _Known()


def reset() -> None:
    """Know of none until the next reading; for tests."""
    _known.digests = {}
    _known.fresh_until = time.monotonic() + REFRESH_SECONDS
