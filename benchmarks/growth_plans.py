"""What PostgreSQL does with a statement, for `growth.py`: short names, plans, index use."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, connection

_COMPARED = re.compile(r'\b([a-z_]+)"?(?:::\w+)?\)? *(?:[=<>]|IN\b|IS\b|AT TIME|BETWEEN)')
FEW_ROWS = 1000  # a table so small may be read from end to end


@dataclass(frozen=True)
class UnusedIndex:
    """An index that no measured statement used; ``megabytes`` at the largest size."""

    table: str
    name: str
    megabytes: float


def shorten(sql: str) -> str:
    """Return what tells a statement apart: verb, table, what it counts, its columns in WHERE."""
    sql = " ".join(sql.split())
    parts = [sql.partition(" ")[0]]
    if "COUNT(" in sql:
        parts = ["COUNT"]
    elif "DISTINCT" in sql:
        parts = ["DISTINCT"]
    elif "MIN(" in sql or "MAX(" in sql:
        parts = ["MIN, MAX"]
    if table := re.search(r'(?:FROM|INTO|UPDATE)[ (]+"?([a-z]\w+)"?', sql):
        parts.append(table[1])
    where = sql.partition(" WHERE ")[2].partition(" ORDER BY ")[0]
    columns = list(dict.fromkeys(_COMPARED.findall(where)))
    if columns:
        parts.append(f"by {', '.join(columns)}")
    order = sql.partition(" ORDER BY ")[2]
    if "LIMIT" in order:
        offset = re.search(r"OFFSET (\d+)", order)
        parts.append(f"page at {offset[1]}" if offset else "first page")
    return " ".join(parts)


def explain(sql: str, parameters: Any) -> str:
    """Return how PostgreSQL reads the tables of a statement, without running it."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", parameters)
            plan = cursor.fetchone()[0][0]["Plan"]
    except DatabaseError as err:
        return f"not explained: {type(err).__name__}"
    return "; ".join(dict.fromkeys(_scans(plan)))


def _scans(node: dict[str, Any]) -> Iterator[str]:
    kind = node["Node Type"]
    if kind in ("Sort", "Incremental Sort", "HashAggregate", "Gather Merge"):
        yield kind
    if "Scan" in kind and kind not in ("Subquery Scan", "Result"):
        on = node.get("Index Name") or node.get("Relation Name", "")
        conditions = [name for name in ("Index Cond", "Filter") if name in node]
        if kind == "Seq Scan" and node["Plan Rows"] <= FEW_ROWS and not conditions:
            kind = "small table"
        unbounded = "Index" in kind and "Index Cond" not in node and node["Plan Rows"] > FEW_ROWS
        rows = f", {node['Plan Rows']:,} rows" if node["Plan Rows"] > FEW_ROWS else ""
        yield (
            f"{kind} {on}"
            + (", whole index" if unbounded else "")
            + rows
            + (", filtered" if "Filter" in node else "")
        )
    for child in node.get("Plans", ()):
        yield from _scans(child)


def forget_index_use() -> None:
    """Count index scans from now on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_reset()")


def unused_indexes() -> list[UnusedIndex]:
    """Return indexes that were not used since ``forget_index_use`` and that keep no rule."""
    time.sleep(1.5)  # a session reports its counts about once a second
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(
            "SELECT s.relname, s.indexrelname, pg_relation_size(s.indexrelid) / 1e6::float"
            " FROM pg_stat_user_indexes s JOIN pg_index i USING (indexrelid)"
            " WHERE s.idx_scan = 0 AND NOT i.indisunique AND s.relname ~ %s"
            " ORDER BY s.relname, s.indexrelname",
            ["^(otp|documents|integrations)_"],
        )
        return [UnusedIndex(*row) for row in cursor.fetchall()]
