"""The rows of delivery reports, batch by batch.

On PostgreSQL each step is one statement with one JSON for all its rows: the ORM writes a statement
with thousands of parameters, and building that takes longer than the rest of the request
(benchmarks/webhooks.py). On other databases the ORM goes through them one by one.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, Greatest

from integrations.models import Delivery, DeliveryEvent, GatewayCall, Outcome


class Call(NamedTuple):
    """What is needed of a call to say whether a report is about it."""

    id: UUID
    provider_message_id: str
    reference: str
    outcome: str
    correlation_id: str
    recipient_masked: str
    recipient_fingerprint: str
    started_at: datetime


class Move(NamedTuple):
    """Where a report moves a call to, and when that was."""

    state: str
    at: datetime


_CALLS: Final = GatewayCall._meta.db_table
_EVENTS: Final = DeliveryEvent._meta.db_table
_EVENT: Final = {
    "provider": "varchar",
    "event_id": "varchar",
    "call_id": "uuid",
    "state": "varchar",
    "kind": "varchar",
    "reason": "varchar",
    "recipient_masked": "varchar",
    "recipient_fingerprint": "varchar",
    "at": "timestamptz",
    "received_at": "timestamptz",
}
_EACH: Final = "(SELECT json_array_elements_text(%s::json))"
# The names of our own models and columns; every value is a parameter.
# The index of recipients leads to few rows; the hashes of the names are for those.
_LOCK_CALLS: Final = (
    f"SELECT {', '.join(Call._fields)} FROM {_CALLS} WHERE provider = %s "  # noqa: S608  (our own names)
    f"AND recipient_fingerprint = ANY(ARRAY{_EACH}) "
    f"AND (provider_message_id IN {_EACH} OR reference IN {_EACH} "
    f"OR (outcome = '{Outcome.UNKNOWN.value}' AND correlation_id IN {_EACH})) "
    "ORDER BY id FOR UPDATE"
)
_INSERT_EVENTS: Final = (
    f"INSERT INTO {_EVENTS} ({', '.join(_EVENT)}) SELECT {', '.join(_EVENT)} "  # noqa: S608  (our own names)
    "FROM json_to_recordset(%s::json) "
    f"AS r({', '.join(f'{name} {kind}' for name, kind in _EVENT.items())}) "
    "ORDER BY event_id ON CONFLICT DO NOTHING RETURNING event_id"
)
_MOVE_CALLS: Final = (
    f"UPDATE {_CALLS} AS c SET delivery = r.state, "  # noqa: S608  (our own names)
    "delivery_at = GREATEST(r.at, COALESCE(c.finished_at, c.started_at)) "
    "FROM json_to_recordset(%s::json) AS r(id uuid, state varchar, at timestamptz) "
    f"WHERE c.id = r.id AND (c.delivery = '' OR (r.state = '{Delivery.DELIVERED.value}' "
    f"AND c.delivery = '{Delivery.UNDELIVERED.value}'))"
)
_SETTLE_CALLS: Final = (
    f"UPDATE {_CALLS} AS c SET outcome = '{Outcome.ACCEPTED.value}', "  # noqa: S608  (our own names)
    "provider_message_id = r.name FROM json_to_recordset(%s::json) AS r(id uuid, name varchar) "
    f"WHERE c.id = r.id AND c.outcome = '{Outcome.UNKNOWN.value}'"
)


def lock_calls(
    *,
    provider: str,
    fingerprints: Collection[str],
    message_ids: Collection[str],
    references: Collection[str],
    correlation_ids: Collection[str],
) -> list[Call]:
    """Return the calls to these recipients that go by one of these names, locked, by id.

    By their correlation id only those whose answer was lost. No name may be empty.
    """
    names = (fingerprints, message_ids, references, correlation_ids)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_LOCK_CALLS, [provider, *(json.dumps(list(each)) for each in names)])
            return [Call._make(row) for row in cursor.fetchall()]
    rows = GatewayCall.objects.filter(
        Q(provider_message_id__in=message_ids)
        | Q(reference__in=references)
        | Q(outcome=Outcome.UNKNOWN, correlation_id__in=correlation_ids),
        provider=provider,
        recipient_fingerprint__in=fingerprints,
    )
    return [Call._make(row) for row in rows.order_by("pk").values_list(*Call._fields)]


def insert_events(rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """Insert the events of one provider; return the ids of those that were not there yet.

    Args:
        rows: The columns of ``DeliveryEvent``; no id twice.
    """
    if not rows:
        return set()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_INSERT_EVENTS, [json.dumps(rows, default=str)])
            return {event_id for (event_id,) in cursor.fetchall()}
    about = DeliveryEvent.objects.filter(
        provider=rows[0]["provider"], event_id__in=[row["event_id"] for row in rows]
    )
    known = set(about.values_list("event_id", flat=True))
    new = [row for row in rows if row["event_id"] not in known]
    DeliveryEvent.objects.bulk_create(DeliveryEvent(**row) for row in new)
    return {row["event_id"] for row in new}


def move_calls(moves: Mapping[UUID, Move]) -> None:
    """Move calls forward, never back, each to its moment or to its own end if that was later."""
    if not moves:
        return
    if connection.vendor == "postgresql":
        rows = [{"id": pk, "state": move.state, "at": move.at} for pk, move in moves.items()]
        with connection.cursor() as cursor:
            cursor.execute(_MOVE_CALLS, [json.dumps(rows, default=str)])
        return
    ended = Coalesce(F("finished_at"), F("started_at"))
    for pk, move in moves.items():
        behind = [""] if move.state == Delivery.UNDELIVERED else ["", Delivery.UNDELIVERED.value]
        GatewayCall.objects.filter(pk=pk, delivery__in=behind).update(
            delivery=move.state, delivery_at=Greatest(Value(move.at), ended)
        )


def settle_calls(names: Mapping[UUID, str]) -> None:
    """Note of calls whose answer was lost that the provider took them, and how it names them.

    They stay counted as failures: that the answer was lost was one.
    """
    if not names:
        return
    if connection.vendor == "postgresql":
        rows = [{"id": str(pk), "name": name} for pk, name in names.items()]
        with connection.cursor() as cursor:
            cursor.execute(_SETTLE_CALLS, [json.dumps(rows)])
        return
    for pk, name in names.items():
        GatewayCall.objects.filter(pk=pk, outcome=Outcome.UNKNOWN).update(
            outcome=Outcome.ACCEPTED, provider_message_id=name
        )
