"""The usual way of a code, one statement of PostgreSQL a step.

Most numbers ask for one code a day and most people type it right at once. For them the limits of
`otp.limits` cannot refuse, and lock, count and write become one conditional statement. A statement
that changes no row says so, and `otp.challenges` or `otp.tries` looks closer.
The ORM also builds its SQL anew each time, which costs more than running it (benchmarks/README.md).
"""

from __future__ import annotations

import functools
import json
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import connection

from otp.limits import DAY, LOOK_BACK, MINUTES_10
from otp.models import Challenge, DaySpend, Phone, Prefix, State
from otp.system_limits import Seen, budget_paise, day_of

_PHONE = Phone._meta.db_table
_CHALLENGE = Challenge._meta.db_table
_PREFIX = Prefix._meta.db_table
_DAY = DaySpend._meta.db_table
_COLUMNS = tuple(field.attname for field in Challenge._meta.concrete_fields)

_LOOK = f"""
SELECT
    COALESCE((SELECT version FROM {_PREFIX} WHERE prefix = %s), 0),
    ARRAY(
        SELECT created_at FROM {_CHALLENGE}
        WHERE prefix = %s AND created_at > %s AND counts AND verified_at IS NULL
        ORDER BY created_at DESC LIMIT %s
    ),
    COALESCE((SELECT paise FROM {_DAY} WHERE day = %s), 0)
"""  # noqa: S608  (names of our own models)

# The steps of opening, each done only if the one before was: whoever fails at one has written
# nothing that counts. Rows are locked in this order, the one that all share last.

# The row of the phone is locked, and read anew, before its last request is compared: of a hundred
# at once one finds it quiet.
_QUIET: Final = f"""asked AS (
    INSERT INTO {_PHONE} (phone_e164, last_request_at, wrong_in_a_row) VALUES (%s, %s, 0)
    ON CONFLICT (phone_e164) DO UPDATE SET last_request_at = EXCLUDED.last_request_at
    WHERE {_PHONE}.last_request_at <= %s
    RETURNING phone_e164
)"""  # noqa: S608

# Only if nobody else wrote since the phone was looked at.
_UNCHANGED: Final = f"""asked AS (
    UPDATE {_PHONE} SET last_request_at = %s
    WHERE phone_e164 = %s AND last_request_at = %s
    RETURNING phone_e164
)"""  # noqa: S608

# Only if no other number of the prefix was sent a code since.
_IN_LINE = f"""line AS (
    INSERT INTO {_PREFIX} AS mine (prefix, version, last_send_at) SELECT %s, 1, %s FROM asked
    ON CONFLICT (prefix) DO UPDATE
    SET version = mine.version + 1, last_send_at = EXCLUDED.last_send_at
    WHERE mine.version = %s
    RETURNING prefix
)"""  # noqa: S608

_PAID = f"""paid AS (
    INSERT INTO {_DAY} AS mine (day, paise) SELECT %s, %s FROM {{source}}
    ON CONFLICT (day) DO UPDATE SET paise = mine.paise + EXCLUDED.paise
    WHERE mine.paise + EXCLUDED.paise <= %s
    RETURNING day
)"""  # noqa: S608

_ACCEPT = f"""
UPDATE {_CHALLENGE} SET state = %s, accepted_at = %s, expires_at = %s, resend_at = %s,
    delivered_at = CASE WHEN delivered_at < %s THEN %s ELSE delivered_at END,
    undelivered_at = CASE WHEN undelivered_at < %s THEN %s ELSE undelivered_at END
WHERE id = %s AND state = '{State.CREATED.value}'
"""  # noqa: S608

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
"""  # noqa: S608

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
"""  # noqa: S608


def look(challenge: Challenge, *, now: datetime) -> Seen:
    """Look at prefix and budget in one statement."""
    amount = settings.OTP_SENDS_PER_PREFIX_10MIN
    prefix = challenge.prefix
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, [prefix, prefix, now - MINUTES_10, amount, day_of(now)])
        version, sends, paise = cursor.fetchone()
    return Seen(version=version, sends=sends[::-1], paise=paise)


def open_first_of_day(challenge: Challenge, *, seen: Seen, now: datetime) -> bool:
    """Insert the first challenge of a phone in the longest window; false where it is not that."""
    return _insert(_QUIET, [challenge.phone_id, now, now - DAY], challenge, seen=seen, now=now)


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


def open_another(
    challenge: Challenge, *, version: datetime | None, seen: Seen, now: datetime
) -> bool:
    """Insert a further challenge; false where another request was faster."""
    return _insert(_UNCHANGED, [now, challenge.phone_id, version], challenge, seen=seen, now=now)


def _insert(
    asked: str, parameters: list[Any], challenge: Challenge, *, seen: Seen, now: datetime
) -> bool:
    in_line = bool(challenge.prefix and settings.OTP_SENDS_PER_PREFIX_10MIN)
    values = [getattr(challenge, name) for name in _COLUMNS]
    values[_COLUMNS.index("tries")] = json.dumps(challenge.tries)
    if in_line:
        parameters += [challenge.prefix, now, seen.version]
    if challenge.paise:
        parameters += [day_of(now), challenge.paise, budget_paise()]
    with connection.cursor() as cursor:
        cursor.execute(
            _opening(asked, in_line=in_line, paid=bool(challenge.paise)), [*parameters, *values]
        )
        return bool(cursor.rowcount)


@functools.cache
def _opening(asked: str, *, in_line: bool, paid: bool) -> str:
    """Put the steps together that are switched on."""
    steps, last = [asked], "asked"
    if in_line:
        steps.append(_IN_LINE)
        last = "line"
    if paid:
        steps.append(_PAID.format(source=last))
        last = "paid"
    return (
        f"WITH {', '.join(steps)} INSERT INTO {_CHALLENGE} ({', '.join(_COLUMNS)}) "  # noqa: S608
        f"SELECT {', '.join(['%s'] * len(_COLUMNS))} FROM {last}"
    )


def accept(challenge: Challenge) -> None:
    """Write what the provider's yes changed; a report that was faster counts from now on."""
    at = challenge.accepted_at
    with connection.cursor() as cursor:
        cursor.execute(
            _ACCEPT,
            [
                *(challenge.state, at, challenge.expires_at, challenge.resend_at),
                *(at, at, at, at),
                challenge.pk,
            ],
        )


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
