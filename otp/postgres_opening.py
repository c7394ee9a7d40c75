"""Opening a challenge on PostgreSQL: one look, one statement, no transaction.

Most numbers ask for one code a day. For them the limits of `otp.limits` cannot refuse, and lock,
count and write become one conditional statement. A statement that changes no row says so, and
`otp.challenges` looks closer. The ORM also builds its SQL anew each time, which costs more than
running it (benchmarks/README.md).
"""

from __future__ import annotations

import functools
import json
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import connection

from otp.limits import DAY, MINUTES_10
from otp.models import Challenge, DaySpend, Phone, Prefix
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
)"""  # noqa: S608  (names of our own models)

# Only if nobody else wrote since the phone was looked at.
_UNCHANGED: Final = f"""asked AS (
    UPDATE {_PHONE} SET last_request_at = %s
    WHERE phone_e164 = %s AND last_request_at = %s
    RETURNING phone_e164
)"""  # noqa: S608  (names of our own models)

# Only if no other number of the prefix was sent a code since.
_IN_LINE = f"""line AS (
    INSERT INTO {_PREFIX} AS mine (prefix, version, last_send_at) SELECT %s, 1, %s FROM asked
    ON CONFLICT (prefix) DO UPDATE
    SET version = mine.version + 1, last_send_at = EXCLUDED.last_send_at
    WHERE mine.version = %s
    RETURNING prefix
)"""  # noqa: S608  (names of our own models)

_PAID = f"""paid AS (
    INSERT INTO {_DAY} AS mine (day, paise) SELECT %s, %s FROM {{source}}
    ON CONFLICT (day) DO UPDATE SET paise = mine.paise + EXCLUDED.paise
    WHERE mine.paise + EXCLUDED.paise <= %s
    RETURNING day
)"""  # noqa: S608  (names of our own models)


def look(challenge: Challenge) -> Seen:
    """Look at prefix and budget in one statement."""
    now, prefix = challenge.created_at, challenge.prefix
    amount = settings.OTP_SENDS_PER_PREFIX_10MIN
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, [prefix, prefix, now - MINUTES_10, amount, day_of(now)])
        version, sends, paise = cursor.fetchone()
    return Seen(version=version, sends=sends[::-1], paise=paise)


def open_first_of_day(challenge: Challenge, *, seen: Seen) -> bool:
    """Insert the first challenge of a phone in the longest window; false where it is not that."""
    now = challenge.created_at
    return _insert(challenge, _QUIET, [challenge.phone_id, now, now - DAY], seen=seen)


def open_another(challenge: Challenge, *, version: datetime | None, seen: Seen) -> bool:
    """Insert a further challenge; false where another request was faster."""
    asked = [challenge.created_at, challenge.phone_id, version]
    return _insert(challenge, _UNCHANGED, asked, seen=seen)


def _insert(challenge: Challenge, first: str, parameters: list[Any], *, seen: Seen) -> bool:
    now = challenge.created_at
    in_line = bool(challenge.prefix and settings.OTP_SENDS_PER_PREFIX_10MIN)
    values = [getattr(challenge, name) for name in _COLUMNS]
    values[_COLUMNS.index("tries")] = json.dumps(challenge.tries)
    if in_line:
        parameters += [challenge.prefix, now, seen.version]
    if challenge.paise:
        parameters += [day_of(now), challenge.paise, budget_paise()]
    with connection.cursor() as cursor:
        cursor.execute(
            _opening(first, in_line=in_line, paid=bool(challenge.paise)), [*parameters, *values]
        )
        return bool(cursor.rowcount)


@functools.cache
def _opening(first: str, *, in_line: bool, paid: bool) -> str:
    """Put the steps together that are switched on; every name is one of our own models'."""
    steps, last = [first], "asked"
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
