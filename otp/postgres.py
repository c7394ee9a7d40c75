"""The usual way of a code, one statement of PostgreSQL a step.

Most numbers ask for one code a day and most people type it right at once. For them the limits of
`otp.limits` cannot refuse, and lock, count and write become one conditional statement. A statement
that changes no row says so, and `otp.challenges` looks closer.
The ORM also builds its SQL anew each time, which costs more than running it (benchmarks/README.md).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from otp.limits import DAY
from otp.models import Challenge, Phone, State

_PHONE = Phone._meta.db_table
_CHALLENGE = Challenge._meta.db_table
_COLUMNS = tuple(field.attname for field in Challenge._meta.concrete_fields)

# The row of the phone is locked, and read anew, before its last request is compared: of a hundred
# at once one finds it quiet.
_OPEN_FIRST_OF_DAY = f"""
WITH quiet AS (
    INSERT INTO {_PHONE} (phone_e164, last_request_at) VALUES (%s, %s)
    ON CONFLICT (phone_e164) DO UPDATE SET last_request_at = EXCLUDED.last_request_at
    WHERE {_PHONE}.last_request_at <= %s
    RETURNING phone_e164
)
INSERT INTO {_CHALLENGE} ({", ".join(_COLUMNS)})
SELECT {", ".join(["%s"] * len(_COLUMNS))} FROM quiet
"""  # noqa: S608  (names of our own models)

# Only if nobody else wrote since the phone was looked at.
_OPEN_ANOTHER = f"""
WITH unchanged AS (
    UPDATE {_PHONE} SET last_request_at = %s WHERE phone_e164 = %s AND last_request_at = %s
    RETURNING phone_e164
)
INSERT INTO {_CHALLENGE} ({", ".join(_COLUMNS)})
SELECT {", ".join(["%s"] * len(_COLUMNS))} FROM unchanged
"""  # noqa: S608

_ACCEPT = f"""
UPDATE {_CHALLENGE} SET state = %s, accepted_at = %s, expires_at = %s, resend_at = %s
WHERE id = %s AND state = '{State.CREATED.value}'
"""  # noqa: S608

_COUNT_FIRST_ATTEMPT = f"""
UPDATE {_CHALLENGE} AS mine SET attempts = 1, last_attempt_at = %s
WHERE id = %s AND state = '{State.ACCEPTED.value}' AND expires_at > %s AND attempts = 0
AND NOT EXISTS (
    SELECT FROM {_CHALLENGE} AS other
    WHERE other.phone_id = mine.phone_id AND other.created_at > %s AND other.attempts > 0
)
RETURNING phone_id, app, code_digest, pepper_id
"""  # noqa: S608

_USE_UP = f"""
UPDATE {_CHALLENGE} SET state = '{State.VERIFIED.value}', verified_at = %s
WHERE id = %s AND state = '{State.ACCEPTED.value}' AND expires_at > %s
"""  # noqa: S608


def open_first_of_day(challenge: Challenge, *, now: datetime) -> bool:
    """Insert the first challenge of a phone in the longest window; false where it is not that."""
    return _insert(_OPEN_FIRST_OF_DAY, [challenge.phone_id, now, now - DAY], challenge)


def recent_challenges(phone_e164: str, *, now: datetime) -> tuple[list[Challenge], datetime | None]:
    """Return what `otp.limits` counts, and the version of the phone at that moment.

    None where the number was erased or purged since: no version matches it.
    """
    found = Challenge.objects.filter(phone_id=phone_e164, created_at__gt=now - DAY)
    sends = list(found.select_related("phone").order_by("created_at"))
    if sends:
        return sends, sends[0].phone.last_request_at
    versions = Phone.objects.filter(pk=phone_e164).values_list("last_request_at", flat=True)
    return sends, versions.first()


def open_another(challenge: Challenge, *, version: datetime | None, now: datetime) -> bool:
    """Insert a further challenge; false where another request was faster."""
    return _insert(_OPEN_ANOTHER, [now, challenge.phone_id, version], challenge)


def _insert(statement: str, parameters: list[Any], challenge: Challenge) -> bool:
    values = [getattr(challenge, name) for name in _COLUMNS]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*parameters, *values])
        return bool(cursor.rowcount)


def accept(challenge: Challenge) -> None:
    """Write what the provider's yes changed."""
    with connection.cursor() as cursor:
        cursor.execute(
            _ACCEPT,
            [
                challenge.state,
                challenge.accepted_at,
                challenge.expires_at,
                challenge.resend_at,
                challenge.pk,
            ],
        )


def count_first_attempt(challenge_id: UUID, *, now: datetime) -> Challenge | None:
    """Count the phone's first try in the longest window; None where it is not that."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_FIRST_ATTEMPT, [now, challenge_id, now, now - DAY])
        row = cursor.fetchone()
    if row is None:
        return None
    phone_e164, app, code_digest, pepper_id = row
    return Challenge(
        id=challenge_id,
        phone_id=phone_e164,
        app=app,
        code_digest=code_digest,
        pepper_id=pepper_id,
        attempts=1,
    )


def use_up(challenge: Challenge, *, now: datetime) -> bool:
    """Spend a code that is still valid; true for one caller."""
    with connection.cursor() as cursor:
        cursor.execute(_USE_UP, [now, challenge.pk, now])
        return bool(cursor.rowcount)
