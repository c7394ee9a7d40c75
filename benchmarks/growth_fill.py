"""Rows for `growth.py`: by INSERT ... SELECT generate_series, spread as a real system's rows are.

In time order over 30 days, as rows are appended; what belongs together is scattered over the
table. A phone has 4 challenges, a reference 4 or 5 documents, a customer 20, a KAM about 900, at
every size; one busy KAM has a tenth of all references, up to 10 000 documents.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.models import Model
from harness.gateway import ETAG

from accounts.models import User
from documents.models import Document, Reference
from integrations.models import GatewayCall
from otp.models import Challenge, Phone

CHALLENGES_PER_PHONE = 4
DOCUMENTS_PER_REFERENCE = 5
REFERENCES_PER_CUSTOMER, REFERENCES_PER_PARTNER, REFERENCES_PER_KAM = 4, 40, 200
BUSY_KAM_REFERENCES = 22_000  # of the first so many every tenth
# Coprime to the size of every batch: stepping by it visits each number of the batch once.
STRIDE = 7919

# The number of a row is ``i``; ``k`` is the same numbers in another order.
_SERIES = (
    "generate_series({first}::bigint, {last}) AS i,"
    " LATERAL (SELECT {first} + mod((i - {first}) * {stride}, {size}) AS k) AS scattered"
)
_TIME = "now() - interval '30 days' * (1 - (i - {first} + random()) / {size})"


def fill(*, have: int, want: int) -> None:
    """Grow `Challenge`, `GatewayCall` and `Document` from ``have`` to ``want`` rows each."""
    share = CHALLENGES_PER_PHONE
    _phones(have // share + 1, want // share)
    _challenges(have + 1, want)
    _gateway_calls(have + 1, want)
    references = have // DOCUMENTS_PER_REFERENCE + 1, want // DOCUMENTS_PER_REFERENCE
    _users(*references)
    _references(*references)
    _documents(have + 1, want)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def user_id(role: str, number: str) -> str:
    """Return the SQL that names a user of the fill; ``number`` is SQL too."""
    return f"md5('{role} ' || {number})::uuid"


def _phones(first: int, last: int) -> None:
    columns = {"phone_e164": "'+919' || lpad(i::text, 9, '0')", "last_request_at": _TIME}
    columns |= {"wrong_in_a_row": "0"}
    _insert(Phone, columns, first=first, last=last)


def _challenges(first: int, last: int) -> None:
    phone = f"'+919' || lpad(((k - 1) / {CHALLENGES_PER_PHONE} + 1)::text, 9, '0')"
    columns = {
        "id": "gen_random_uuid()",
        "phone_id": phone,
        "app": "CASE WHEN mod(i, 5) = 0 THEN 'CPAPP' ELSE 'CUSTAP' END",
        "code_digest": "md5(i::text) || md5(k::text)",
        "pepper_id": "'000000000000'",
        "state": "CASE WHEN mod(i, 20) = 0 THEN 'failed' WHEN mod(i, 10) = 1 THEN 'accepted'"
        " ELSE 'verified' END",
        "attempts": "1",
        "tries": "'[]'::jsonb",
        "prefix": f"left({phone}, -4)",
        "paise": "0",
        "undelivered_reason": "''",
        "client_address": "'10.0.' || mod(i, 250) || '.' || mod(k, 250)",
        "created_at": _TIME,
        "accepted_at": _TIME,
        "expires_at": _TIME,
        "resend_at": _TIME,
    }
    _insert(Challenge, columns, first=first, last=last)


def _gateway_calls(first: int, last: int) -> None:
    sms, mail = "mod(i, 20) < 14", "mod(i, 20) < 17"
    columns = {
        "id": "gen_random_uuid()",
        "provider": f"CASE WHEN {sms} THEN 'msg91' WHEN {mail} THEN 'sendgrid'"
        " ELSE 'azure_blob' END",
        "operation": f"CASE WHEN {sms} THEN 'send_otp' WHEN {mail} THEN 'send_email'"
        " ELSE 'get_blob_properties' END",
        "outcome": "CASE WHEN mod(i, 50) = 0 THEN 'unavailable' ELSE 'accepted' END",
        "attempts": "jsonb_build_array(jsonb_build_object('started', now(), 'ms', mod(i, 900),"
        " 'httpStatus', 200, 'error', ''))",
        "provider_message_id": "md5('message ' || i)",
        "recipient_masked": "'+91******' || lpad(mod(k, 10000)::text, 4, '0')",
        "recipient_fingerprint": "md5((k / 4)::text) || md5((k / 4)::text)",
        "reference": "'otp:' || gen_random_uuid()",
        "correlation_id": "gen_random_uuid()::text",
        "key_fingerprint": "'0123456789ab'",
        "started_at": _TIME,
        "finished_at": _TIME,
    }
    _insert(GatewayCall, columns, first=first, last=last)


def _users(first: int, last: int) -> None:
    """The people of references ``first`` to ``last``."""
    for role, digit, share in (
        ("CUSTOMER", 1, REFERENCES_PER_CUSTOMER),
        ("CHANNEL_PARTNER", 2, REFERENCES_PER_PARTNER),
        ("KAM", 3, REFERENCES_PER_KAM),
    ):
        columns = {
            "id": user_id(role, "i"),
            "role": f"'{role}'",
            "name": f"'{role} ' || i",
            "phone": f"'+917{digit}' || lpad(i::text, 8, '0')",
            "password": "'!'",
            "created_at": _TIME,
        }
        _insert(User, columns, first=(first - 1) // share + 1, last=last // share)
    if first == 1:
        busy = {"id": user_id("KAM", "0"), "role": "'KAM'", "password": "'!'", "created_at": _TIME}
        _insert(User, busy, first=0, last=0)


def _references(first: int, last: int) -> None:
    kam = (
        f"CASE WHEN mod(k, 10) = 0 AND k <= {BUSY_KAM_REFERENCES} THEN 0"
        f" ELSE (k - 1) / {REFERENCES_PER_KAM} + 1 END"
    )
    columns = {
        "id": "'R' || k",
        "kind": "'LEAD'",
        "customer_id": user_id("CUSTOMER", f"((k - 1) / {REFERENCES_PER_CUSTOMER} + 1)"),
        "channel_partner_id": user_id(
            "CHANNEL_PARTNER", f"((k - 1) / {REFERENCES_PER_PARTNER} + 1)"
        ),
        "kam_id": user_id("KAM", f"({kam})"),
        "created_at": _TIME,
        "updated_at": _TIME,
    }
    _insert(Reference, columns, first=first, last=last)


def _documents(first: int, last: int) -> None:
    reference = f"((k - 1) / {DOCUMENTS_PER_REFERENCE} + 1)"
    customer = f"(({reference} - 1) / {REFERENCES_PER_CUSTOMER} + 1)"
    columns = {
        "id": "gen_random_uuid()",
        "doc_type": "(ARRAY['KYC', 'LEAD', 'QUOTATION'])[1 + mod(k, 3)::int]",
        "reference_id": f"CASE WHEN mod(k, 10) = 0 THEN NULL ELSE 'R' || {reference} END",
        "uploader_id": user_id("CUSTOMER", customer),
        "file_name": "'Document ' || i || '.pdf'",
        "content_type": "'application/pdf'",
        "size": "100000 + mod(i, 900000)",
        "sha256": "md5(i::text) || md5(k::text)",
        "state": "CASE WHEN mod(i, 100) = 0 THEN 'rejected' WHEN mod(i, 50) = 1 THEN 'pending'"
        " ELSE 'available' END",
        "rejected_reason": "CASE WHEN mod(i, 100) = 0 THEN 'malformed' ELSE '' END",
        "blob_name": "'2026/11/' || gen_random_uuid() || '.pdf'",
        "etag": f"'{ETAG}'",
        "created_at": _TIME,
    }
    _insert(Document, columns, first=first, last=last)


def _insert(model: type[Model], columns: Mapping[str, str], *, first: int, last: int) -> None:
    """Insert rows ``first`` to ``last``; a column that is not named gets its field's default."""
    if last < first:
        return
    names, expressions = list(columns), list(columns.values())
    defaults: list[Any] = []
    for field in model._meta.concrete_fields:
        if field.column and field.column not in columns and not field.null:
            names.append(field.column)
            expressions.append("%s")
            defaults.append(field.get_db_prep_save(field.get_default(), connection))
    series = {"first": first, "last": last, "size": last - first + 1, "stride": STRIDE}
    values = ", ".join(
        expression.replace(_TIME, _TIME.format(**series)) for expression in expressions
    )
    table = model._meta.db_table
    with connection.cursor() as cursor, _without_indexes(cursor, table):
        cursor.execute(
            f'INSERT INTO "{table}" ({", ".join(names)})'  # noqa: S608  (our own names)
            f" SELECT {values} FROM {_SERIES.format(**series)}",
            defaults,
        )
    with connection.cursor() as cursor:
        # Or the foreign keys of what follows are checked by the plan of a tiny table.
        cursor.execute(f'ANALYZE "{table}"')


@contextmanager
def _without_indexes(cursor: Any, table: str) -> Iterator[None]:
    """Drop the indexes that keep no rule and make them again: a third of the time."""
    cursor.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid = %s::regclass AND NOT indisunique",
        [table],
    )
    found = cursor.fetchall()
    for name, _ in found:
        cursor.execute(f"DROP INDEX {name}")
    yield
    for _, definition in found:
        cursor.execute(definition)
