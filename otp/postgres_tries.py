"""The usual try of a code on PostgreSQL, one statement a step.

Most people type their code right at once: nothing was tried at the phone lately, and no limit of
`otp.limits` can refuse. A statement that changes no row says so, and `otp.tries` looks closer.
"""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from django.db import connection

from otp.limits import LOOK_BACK
from otp.models import Challenge, Phone, State

_PHONE = Phone._meta.db_table
_CHALLENGE = Challenge._meta.db_table

_COUNT_FIRST_ATTEMPT = f"""
WITH quiet AS (
    UPDATE {_PHONE} AS line SET wrong_in_a_row = 1
    WHERE wrong_in_a_row = 0 AND phone_e164 = (
        SELECT phone_id FROM {_CHALLENGE}
        WHERE id = %s AND state = '{State.ACCEPTED.value}' AND expires_at > %s AND attempts = 0
    )
    AND NOT EXISTS (
        SELECT FROM {_CHALLENGE} AS other
        WHERE other.phone_id = line.phone_e164 AND other.created_at > %s AND other.attempts > 0
    )
    RETURNING phone_e164
)
UPDATE {_CHALLENGE} SET attempts = 1, tries = %s FROM quiet
WHERE id = %s AND phone_id = quiet.phone_e164 AND state = '{State.ACCEPTED.value}' AND attempts = 0
RETURNING phone_id, app, code_digest, pepper_id
"""  # noqa: S608  (names of our own models)

_USE_UP = f"""
WITH line AS (
    SELECT phone_e164 FROM {_PHONE} WHERE phone_e164 = %s FOR NO KEY UPDATE
), used AS (
    UPDATE {_CHALLENGE} AS mine
    SET state = '{State.VERIFIED.value}', verified_at = %s, tries = mine.tries - %s::int
    FROM line
    WHERE id = %s AND phone_id = line.phone_e164
    AND state = '{State.ACCEPTED.value}' AND expires_at > %s
    RETURNING phone_id
), ended AS (
    UPDATE {_PHONE} SET wrong_in_a_row = 0 FROM used
    WHERE phone_e164 = used.phone_id AND wrong_in_a_row > 0
)
SELECT FROM used
"""  # noqa: S608  (names of our own models)


def count_first_attempt(challenge_id: UUID, *, now: datetime) -> Challenge | None:
    """Count the phone's first try in the longest window; None where it is not that."""
    tries = json.dumps([[now.isoformat(), None]])
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT_FIRST_ATTEMPT,
            [challenge_id, now, now - LOOK_BACK, tries, challenge_id],
        )
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
    """Spend a valid code and end the phone's row of wrong ones; true for one caller."""
    with connection.cursor() as cursor:
        cursor.execute(
            _USE_UP, [challenge.phone_id, now, challenge.attempts - 1, challenge.pk, now]
        )
        return bool(cursor.rowcount)
