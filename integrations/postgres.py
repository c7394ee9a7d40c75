"""The two statements of every provider call, as SQL of PostgreSQL.

The ORM builds them anew each time, which costs more than running them (benchmarks/README.md).
`integrations.audit` says what they do; on other databases it uses the ORM.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import connection

from integrations.models import GatewayCall, Outcome

_TABLE = GatewayCall._meta.db_table
_COLUMNS = tuple(field.attname for field in GatewayCall._meta.concrete_fields)
_INSERT = (
    f"INSERT INTO {_TABLE} ({', '.join(_COLUMNS)}) "  # noqa: S608  (names of our own model)
    f"VALUES ({', '.join(['%s'] * len(_COLUMNS))})"
)
_FOUND = (
    *("outcome", "failure", "key_fingerprint", "attempts"),
    *("provider_message_id", "provider_code", "finished_at"),
)
_FINISH = (
    f"UPDATE {_TABLE} SET {' = %s, '.join(_FOUND)} = %s "  # noqa: S608  (the same)
    f"WHERE id = %s AND outcome = '{Outcome.STARTED.value}'"
)


def insert_call(row: GatewayCall) -> None:
    """Insert the row of a call that begins."""
    values = {name: getattr(row, name) for name in _COLUMNS}
    values["attempts"] = json.dumps(row.attempts)
    values["outcome"] = Outcome(row.outcome).value
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, list(values.values()))


def finish_call(call_id: UUID, found: Mapping[str, Any]) -> None:
    """Record how a call ended, unless that stands there already."""
    values = {**found, "attempts": json.dumps(found["attempts"])}
    with connection.cursor() as cursor:
        cursor.execute(_FINISH, [*(values[name] for name in _FOUND), call_id])
