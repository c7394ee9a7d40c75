"""How cost grows with the tables: requests and admin lists at 10^3, 10^5 and 10^6 rows each.

Fills a fresh PostgreSQL database, asks for the same things at each size through the real URLs (in
this process, so that every statement can be timed), explains the statements that are not flat, and
lists the indexes that nobody used. Flat means: not more than twice the time, or 2 ms more, than
with the smallest tables.

    python benchmarks/growth.py --quick
"""

from __future__ import annotations

import logging
import os
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness import databases, servers
from harness.command_line import is_quick
from harness.paths import ROOT
from harness.tables import machine, markdown, median, say

if TYPE_CHECKING:
    from growth_probes import Probe
    from growth_statements import Statement

SIZES, QUICK_SIZES = (1_000, 100_000, 1_000_000), (1_000, 10_000)
REPEATS, ADMIN_REPEATS, LEAST_REPEATS = 25, 7, 2
SECONDS_PER_PROBE = 3  # a slow one is asked less often
MOST_SECONDS = 330  # from then on everything is asked as rarely as can be
FLAT_RATIO, FLAT_MORE_MS = 2.0, 2.0


@dataclass
class Measured:
    """One probe at one size: medians in milliseconds, its statements in the order of a request."""

    request: float
    statements: list[Statement]
    statement_ms: list[float]

    @property
    def database(self) -> float:
        return sum(self.statement_ms)


@dataclass
class Grown:
    """One probe at every size, and the smallest size with which the largest is compared."""

    compared_with: int
    at: dict[int, Measured]


def main() -> None:
    quick = is_quick(__doc__, meaning="10^3 and 10^4 rows only, about 40 s instead of 5 min")
    sizes = QUICK_SIZES if quick else SIZES
    with (
        databases.fresh_database(purpose="growth") as database,
        databases.own_cache() as cache_url,
        servers.gateway(delay_ms=0) as gateway,
    ):
        environment = servers.solarium_environment(
            database=database, cache_url=cache_url, gateway_url=gateway.url
        )
        # A download looks at the blob first.
        storage = f"{servers.STORAGE};BlobEndpoint={gateway.url}/devstoreaccount1"
        environment |= {"AZURE_STORAGE_CONNECTION_STRING": storage}
        set_up_django({**environment, "PUBLIC_BASE_URL": "http://127.0.0.1"})
        try:
            report(measure_all(sizes), sizes)
        finally:
            from django.db import connection

            connection.close_pool()  # type: ignore[attr-defined]  # of PostgreSQL only


def set_up_django(environment: dict[str, str]) -> None:
    """Load the project into this process and make the tables."""
    os.environ.update(environment, DJANGO_SETTINGS_MODULE="solarium.settings")
    sys.path.insert(0, str(ROOT))
    import django
    from django.core.management import call_command

    django.setup()
    logging.disable()
    call_command("migrate", verbosity=0)


def measure_all(sizes: Sequence[int]) -> dict[str, Grown]:
    """Grow the tables from size to size and measure every probe at each."""
    import growth_fill
    import growth_plans
    import growth_probes

    results: dict[str, Grown] = {}
    have, deadline = 0, time.monotonic() + MOST_SECONDS
    for size in sizes:
        started = time.monotonic()
        growth_fill.fill(have=have, want=size)
        have = size
        say(f"{size:,} rows: filled in {time.monotonic() - started:.0f} s")
        started = time.monotonic()
        found = growth_probes.probes(size=size)
        growth_plans.forget_index_use()
        for probe in found:
            compared_with = min((s for s in sizes if s >= probe.same_from), default=sizes[-1])
            grown = results.setdefault(probe.name, Grown(compared_with=compared_with, at={}))
            grown.at[size] = measure(
                probe, until=min(time.monotonic() + SECONDS_PER_PROBE, deadline)
            )
        say(f"{size:,} rows: measured in {time.monotonic() - started:.0f} s")
    return results


def measure(probe: Probe, *, until: float) -> Measured:
    """Ask several times; medians of the request and of each of its statements.

    Args:
        until: On ``time.monotonic``; after it only `LEAST_REPEATS` are asked.
    """
    from growth_statements import recorded

    runs: list[tuple[float, list[Statement]]] = []
    repeats = ADMIN_REPEATS if probe.admin else REPEATS
    while len(runs) < 1 + LEAST_REPEATS or (len(runs) < 1 + repeats and time.monotonic() < until):
        with recorded() as recorder:
            started = time.perf_counter()
            answer = probe.ask()
            took = (time.perf_counter() - started) * 1000
        if answer.status_code != probe.status:
            text = getattr(answer, "content", b"")[:500]
            sys.exit(f"growth: {probe.name} answered {answer.status_code}: {text!r}")
        runs.append((took, recorder.statements))
    del runs[0]  # warms up
    usual = statistics.median_low(len(statements) for _, statements in runs)
    alike = [statements for _, statements in runs if len(statements) == usual]
    return Measured(
        request=median(took for took, _ in runs),
        statements=alike[-1],
        statement_ms=[median(s[at].milliseconds for s in alike) for at in range(usual)],
    )


def report(results: dict[str, Grown], sizes: Sequence[int]) -> None:
    """Print the tables."""
    import growth_plans

    unused = growth_plans.unused_indexes()
    sys.stdout.write(f"{machine()}\n\n")
    sys.stdout.write(requests_table(results, sizes))
    sys.stdout.write("\nStatements of the API, and those of the admin that are not flat:\n\n")
    sys.stdout.write(statements_table(results, sizes))
    sys.stdout.write("\nIndexes that no request above used, unique ones left out:\n\n")
    rows = [(index.table, index.name, index.megabytes) for index in unused]
    sys.stdout.write(markdown(header=("table", "index", "MB"), rows=rows))


def requests_table(results: dict[str, Grown], sizes: Sequence[int]) -> str:
    """Return one row a probe: milliseconds in the database at each size, growth, verdict."""
    largest = sizes[-1]
    header = (
        "request",
        "statements",
        *(f"{size:,} rows: SQL ms" for size in sizes),
        "growth",
        "flat",
        f"whole request ms, {sizes[0]:,}",
        f"{largest:,}",
    )
    rows = []
    for name, grown in results.items():
        first, last = grown.at[grown.compared_with], grown.at[largest]
        rows.append(
            (
                name,
                len(last.statements),
                *(grown.at[size].database for size in sizes),
                growth(first.database, last.database),
                "met" if is_flat(first.database, last.database) else "**missed**",
                grown.at[sizes[0]].request,
                last.request,
            )
        )
    return markdown(header=header, rows=rows)


def statements_table(results: dict[str, Grown], sizes: Sequence[int]) -> str:
    """Return one row a statement, at its first request; those not flat with their plan."""
    import growth_plans

    rows: list[tuple[Any, ...]] = []
    for name, grown in results.items():
        last = grown.at[sizes[-1]]
        for at, statement in enumerate(last.statements):
            times = [_at(grown.at[size].statement_ms, at) for size in sizes]
            first = _at(grown.at[grown.compared_with].statement_ms, at)
            flat = is_flat(first, times[-1])
            if flat and name.startswith("admin"):
                continue
            plan = "" if flat else growth_plans.explain(statement.sql, statement.parameters)
            short = growth_plans.shorten(statement.sql)
            if any(row[2] == short for row in rows):
                continue
            rows.append((name, at + 1, short, *times, growth(first, times[-1]), plan))
    header = ("request", "nr", "statement", *(f"{s:,} ms" for s in sizes), "growth", "plan")
    return markdown(header=header, rows=rows)


def growth(first: float, last: float) -> str:
    """Return how many times longer it takes."""
    return f"{last / first:.1f} ×" if first else ""


def is_flat(first: float, last: float) -> bool:
    """Whether the largest tables cost about what the smallest do; times in milliseconds."""
    return last <= max(first * FLAT_RATIO, first + FLAT_MORE_MS)


def _at(times: Sequence[float], index: int) -> float:
    return times[index] if index < len(times) else 0.0


if __name__ == "__main__":
    main()
