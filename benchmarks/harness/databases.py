"""Fresh PostgreSQL databases, a Redis database of one's own, and who is connected."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis

from harness.sampling import sampled

POSTGRES_URL = os.environ.get(
    "BENCHMARK_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres"
)
REDIS_URL = os.environ.get("BENCHMARK_REDIS_URL", "redis://127.0.0.1:6379")
TOOL = "benchmark"  # the application name of connections that are not a server's
_REDIS_DATABASES = range(15, 0, -1)
_CLAIM, _CLAIM_SECONDS = "benchmarks:claimed", 3600


@dataclass(frozen=True)
class Database:
    """One database of this run; ``url`` is what ``DATABASE_URL`` takes."""

    name: str
    url: str

    def execute(self, statement: str, parameters: tuple[object, ...] = ()) -> None:
        """Run one statement in it."""
        with _connect(self.url) as connection:
            connection.execute(statement, parameters or None)

    def copy(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Put rows into a table."""
        names = ", ".join(f'"{column}"' for column in columns)
        with (
            _connect(self.url) as connection,
            connection.cursor().copy(f'COPY "{table}" ({names}) FROM STDIN') as target,
        ):
            for row in rows:
                target.write_row(row)

    def value(self, query: str) -> object:
        """Return the first column of the first row, or None."""
        with _connect(self.url) as connection:
            row = connection.execute(query).fetchone()
            return row[0] if row else None


@contextmanager
def fresh_database(*, purpose: str) -> Iterator[Database]:
    """Make an empty database and drop it at the end, whoever is still connected.

    Args:
        purpose: Lower-case letters and underscores; stands in the name.
    """
    name = f"bench_{purpose}_{secrets.token_hex(4)}"
    with _admin() as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    try:
        yield Database(name=name, url=urlunsplit(urlsplit(POSTGRES_URL)._replace(path=f"/{name}")))
    finally:
        with _admin() as admin:
            admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def own_cache() -> Iterator[str]:
    """Give the URL of a Redis database that was empty, and empty it again at the end.

    Raises:
        SystemExit: Redis does not answer, or every database is in use.
    """
    for number in _REDIS_DATABASES:
        url = f"{REDIS_URL}/{number}"
        client = redis.Redis.from_url(url)
        try:
            free = client.dbsize() == 0 and client.set(_CLAIM, 1, nx=True, ex=_CLAIM_SECONDS)
        except redis.ConnectionError:
            raise SystemExit(f"Redis does not answer at {REDIS_URL}; start redis-server.") from None
        if free:
            try:
                yield url
            finally:
                client.flushdb()
                client.close()
            return
    raise SystemExit("Every Redis database from 1 to 15 is in use; empty one.")


@dataclass
class Connections:
    """The most connections seen at one time, and the most of them idle in a transaction."""

    most: int = 0
    idle_in_transaction: int = 0


@contextmanager
def watch_connections(database: Database, *, every_seconds: float = 0.25) -> Iterator[Connections]:
    """Sample ``pg_stat_activity`` while the block runs; what it gives is final after the block.

    Counted are a server's connections; those of the harness and of what it seeds are not.
    """
    seen = Connections()
    with _admin() as admin:

        def look() -> None:
            total, idle = admin.execute(
                "SELECT count(*), count(*) FILTER (WHERE state = 'idle in transaction')"
                " FROM pg_stat_activity WHERE datname = %s AND application_name <> %s",
                (database.name, TOOL),
            ).fetchone() or (0, 0)
            seen.most = max(seen.most, total)
            seen.idle_in_transaction = max(seen.idle_in_transaction, idle)

        with sampled(look, every_seconds=every_seconds):
            yield seen


def _admin() -> psycopg.Connection:
    return _connect(POSTGRES_URL)


def _connect(url: str) -> psycopg.Connection:
    try:
        return psycopg.connect(url, autocommit=True, application_name=TOOL)
    except psycopg.OperationalError as err:
        raise SystemExit(f"PostgreSQL does not answer at {url}: {err}") from err
