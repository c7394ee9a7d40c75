"""Memory of the whole server: idle, at 600 users, and over an hour's worth of requests.

Memory is the proportional set size (PSS) over all processes of `bin/serve`, so that what they share
counts once. An hour's worth is 10^5 requests at full speed: codes by a provider that answers at
once, SAS links, /auth/me, in rounds with new connections each. Connections to PostgreSQL are
counted while 600 users ask for codes from a provider that takes 100 ms.

    python benchmarks/memory.py --quick
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import paced
from harness import databases, load, servers
from harness.command_line import is_quick
from harness.processes import Server
from harness.sampling import megabytes, sampled
from harness.tables import machine, markdown, say, verdict
from paced import Users

USERS, GATEWAY_MS = 600, 100
MIXTURE_USERS = 20  # on each of the three paths
ROUND_SECONDS = 5
# The defaults of docs/settings.md, set so that the bound on connections below is theirs.
WORKERS, POOL_MAX = 2, 16
MOST_MB, MOST_GROWTH_MB = 450, 10
JUDGED_FROM = 50_000  # requests; before that memory still grows into its working set
SMS = "/integrations/sendOTP"
SMS_BODY = '{"phone": "PHONE", "app": "CUSTAP"}'


@dataclass
class Peak:
    """The most memory seen at one time, MB."""

    megabytes: float = 0.0


@dataclass(frozen=True)
class Point:
    """Memory (MB) after so many requests."""

    requests: int
    megabytes: float


def main() -> None:
    quick = is_quick(__doc__, meaning="10^4 requests instead of 10^5, about 50 s")
    load.install_wrk()
    with (
        databases.fresh_database(purpose="memory") as database,
        databases.own_cache() as cache_url,
        servers.gateway(delay_ms=GATEWAY_MS) as gateway,
    ):
        environment = servers.solarium_environment(
            database=database, cache_url=cache_url, gateway_url=gateway.url
        )
        environment |= {"SERVE_WORKERS": str(WORKERS), "DATABASE_POOL_MAX": str(POOL_MAX)}
        servers.migrate_solarium(environment)
        with servers.solarium(environment) as solarium:
            authorization = servers.make_token(environment)
            time.sleep(2)
            idle = megabytes(solarium.pids())
            say(f"idle: {idle:.0f} MB; {USERS} users ...")
            crowd, seen = at_600_users(database, solarium, seconds=6 if quick else 15)
            servers.set_delay(gateway, milliseconds=0)
            points = hour_of_requests(
                solarium,
                authorization,
                requests=10_000 if quick else 100_000,
                seconds=40 if quick else 280,
            )
    report(idle=idle, crowd=crowd, seen=seen, points=points)


def at_600_users(
    database: databases.Database, solarium: Server, *, seconds: float
) -> tuple[Peak, databases.Connections]:
    """Ask for codes as 600 users and return the most memory and connections meanwhile."""
    users = Users(count=USERS, path=SMS, pause_seconds=0, body=SMS_BODY)
    with databases.watch_connections(database) as seen, watch_memory(solarium) as peak:
        (got,) = paced.at_once(url=solarium.url, groups=[users], seconds=seconds)
    say(f"{got.per_second:.0f} codes/s, {got.bad_status} bad, {got.lost} lost")
    return peak, seen


def hour_of_requests(
    solarium: Server, authorization: str, *, requests: int, seconds: float
) -> list[Point]:
    """Ask for everything in rounds until so many requests were answered, or the time is up."""
    groups = [
        Users(count=MIXTURE_USERS, path=SMS, pause_seconds=0, body=SMS_BODY),
        *(
            Users(count=MIXTURE_USERS, path=path, pause_seconds=0, authorization=authorization)
            for path in ("/documents/sas?docType=KYC", "/auth/me")
        ),
    ]
    points, done, until = [Point(0, megabytes(solarium.pids()))], 0, time.monotonic() + seconds
    while done < requests and time.monotonic() < until:
        loads = paced.at_once(url=solarium.url, groups=groups, seconds=ROUND_SECONDS)
        bad = sum(load.bad_status + load.lost for load in loads)
        if bad:
            say(f"{bad} requests were refused or lost")
        done += sum(load.requests for load in loads)
        points.append(Point(done, megabytes(solarium.pids())))
        say(f"{done:,} requests: {points[-1].megabytes:.1f} MB")
    return points


@contextmanager
def watch_memory(server: Server, *, every_seconds: float = 1.0) -> Iterator[Peak]:
    """Sample memory while the block runs; the peak is final after the block."""
    peak = Peak()

    def look() -> None:
        peak.megabytes = max(peak.megabytes, megabytes(server.pids()))

    with sampled(look, every_seconds=every_seconds):
        yield peak


def growth_over(points: Sequence[Point], *, requests: int) -> float:
    """Return the MB that so many requests add: the least-squares slope of the second half."""
    half = points[len(points) // 2 :]
    if len(half) < 2:
        return 0.0
    mean_x = sum(p.requests for p in half) / len(half)
    mean_y = sum(p.megabytes for p in half) / len(half)
    above = sum((p.requests - mean_x) * (p.megabytes - mean_y) for p in half)
    below = sum((p.requests - mean_x) ** 2 for p in half)
    return above / below * requests


def report(
    *, idle: float, crowd: Peak, seen: databases.Connections, points: Sequence[Point]
) -> None:
    """Print the tables."""
    last, connections = points[-1], WORKERS * POOL_MAX
    grown = growth_over(points, requests=100_000)
    judged = last.requests >= JUDGED_FROM
    rows: list[tuple[object, ...]] = [
        ("idle, MB", idle, "", ""),
        _row(f"{USERS} users on sendOTP, most, MB", crowd.megabytes, at_most=MOST_MB),
        _row(f"after {last.requests:,} requests, MB", last.megabytes, at_most=MOST_MB),
        _row("growth over 100,000 more, by the second half, MB", grown, at_most=MOST_GROWTH_MB)
        if judged
        else ("growth over 100,000 more", "too few requests to tell", "", ""),
        _row("connections to PostgreSQL, most", float(seen.most), at_most=connections),
        ("of them in a transaction between two statements", seen.idle_in_transaction, "", ""),
    ]
    sys.stdout.write(f"{machine()}\n\n")
    sys.stdout.write(markdown(header=("", "measured", "target", "verdict"), rows=rows))
    step = max(len(points) // 12, 1)
    shown = [(f"{p.requests:,}", p.megabytes) for p in (*points[:-1:step], last)]
    sys.stdout.write(f"\nMemory on the way:\n\n{markdown(header=('requests', 'MB'), rows=shown)}")


def _row(what: str, measured: float, *, at_most: float) -> tuple[object, ...]:
    return (what, measured, f"≤ {at_most:g}", verdict(ratio=measured, at_most=at_most))


if __name__ == "__main__":
    main()
