"""Who works on an ``Idempotency-Key``, and what was answered; each step is one statement.

A request that is killed leaves its claim behind: it ends by itself. One that outlives its claim
finds another owner in the row, and then changes nothing.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection

from api.models import IdempotencyRecord

KEPT_FOR: Final = timedelta(hours=24)
CLAIMED_FOR: Final = timedelta(seconds=30)  # longer than a provider call with its retries takes

_TABLE = IdempotencyRecord._meta.db_table
# Also takes over what is over: of many at once one finds it so.
_CLAIM = f"""
INSERT INTO {_TABLE} (key_digest, body_digest, owner, answer, expires_at)
VALUES (%s, %s, %s, '', {{ends}})
ON CONFLICT (key_digest) DO UPDATE SET
    body_digest = EXCLUDED.body_digest, owner = EXCLUDED.owner,
    answer = EXCLUDED.answer, expires_at = EXCLUDED.expires_at
WHERE {_TABLE}.expires_at <= {{now}}
"""  # noqa: S608  (the name of our own model)
_CLAIM_BY_THE_DATABASE: Final = _CLAIM.format(ends="now() + %s", now="now()")
_CLAIM_BY_US: Final = _CLAIM.format(ends="%s", now="%s")


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A key in the hands of one request."""

    key_digest: str
    owner: str


def claim(*, key_digest: str, body_digest: str, now: datetime) -> Claim | None:
    """Return the right to work on a key, or None where another request has it or answered it.

    PostgreSQL goes by its own clock: those of two servers may differ by more than a claim lasts.
    """
    mine = Claim(key_digest=key_digest, owner=secrets.token_hex(16))
    if has_clock():
        statement = _CLAIM_BY_THE_DATABASE
        times: list[Any] = [CLAIMED_FOR]
    else:
        statement = _CLAIM_BY_US
        times = [connection.ops.adapt_datetimefield_value(at) for at in (now + CLAIMED_FOR, now)]
    with connection.cursor() as cursor:
        cursor.execute(statement, [key_digest, body_digest, mine.owner, *times])
        return mine if cursor.rowcount == 1 else None


def has_clock() -> bool:
    """Whether the database has a time of its own; SQLite's is this machine's."""
    return connection.vendor == "postgresql"


def find(*, key_digest: str) -> IdempotencyRecord | None:
    """Return what stands in the way of a claim; None where it was freed meanwhile."""
    return IdempotencyRecord.objects.filter(pk=key_digest).first()


def keep(mine: Claim, *, answer: dict[str, Any], now: datetime) -> None:
    """Keep the answer, unless the claim was lost to another request."""
    _of(mine).update(answer=json.dumps(answer), expires_at=now + KEPT_FOR)


def free(mine: Claim) -> None:
    """Give the key back, unless the claim was lost to another request."""
    _of(mine).delete()


def _of(mine: Claim) -> Any:
    return IdempotencyRecord.objects.filter(pk=mine.key_digest, owner=mine.owner)
