"""Inserting a row by SQL that is built once a model, not once a row.

The ORM builds it anew each time, which costs more than running it (benchmarks/README.md). For rows
that each request makes; the values are what the fields make of them, on every database.
"""

from __future__ import annotations

import functools

from django.db import connection, models


def insert(row: models.Model) -> None:
    """
    Insert a new row as it is: no signals, no ``auto_now_add``.

    Raises:
        IntegrityError: As ``save(force_insert=True)``.
    """
    statement, fields = _statement(type(row))
    values = [
        field.get_db_prep_save(getattr(row, field.attname), connection=connection)
        for field in fields
    ]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@functools.cache
def _statement(
    model: type[models.Model],
) -> tuple[str, list[models.Field[object, object]]]:
    # What the database counts up itself is left to it.
    fields = [
        field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)
    ]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    table = quote(model._meta.db_table)
    statement = f"INSERT INTO {table} ({columns}) VALUES ({places})"  # noqa: S608  (its own names)
    return statement, fields
