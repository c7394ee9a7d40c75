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
VALUES (%s, %s, %s, '', %s)
ON CONFLICT (key_digest) DO UPDATE SET
    body_digest = EXCLUDED.body_digest, owner = EXCLUDED.owner,
    answer = EXCLUDED.answer, expires_at = EXCLUDED.expires_at
WHERE {_TABLE}.expires_at <= %s
"""  # noqa: S608  (the name of our own model)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A key in the hands of one request."""

    key_digest: str
    owner: str


def claim(*, key_digest: str, body_digest: str, now: datetime) -> Claim | None:
    """Return the right to work on a key, or None where another request has it or answered it."""
    mine = Claim(key_digest=key_digest, owner=secrets.token_hex(16))
    ends_at, from_now = map(connection.ops.adapt_datetimefield_value, (now + CLAIMED_FOR, now))
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [key_digest, body_digest, mine.owner, ends_at, from_now])
        return mine if cursor.rowcount == 1 else None


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
