"""What is measured side by side, behind one shape; Solarium is the first of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass

from harness import servers
from harness.databases import Database, fresh_database, own_cache
from harness.processes import Server


@dataclass(frozen=True, kw_only=True)
class Contender:
    """One server under test, its tables made.

    ``serve`` starts it. ``codes`` puts so many fresh codes into its tables and returns the bodies
    that prove them, each good once; ``codes_per_second`` will mostly do.
    ``sas`` is the path and the Authorization header of its SAS.
    """

    name: str
    database: Database
    send_path: str
    send_body: str
    verify_path: str
    serve: Callable[[], AbstractContextManager[Server]]
    codes: Callable[[int], list[str]]
    codes_per_second: int = 1200
    sas: tuple[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class Solarium:
    """Ours, and how many statements it needs for a sendOTP."""

    contender: Contender
    send_statements: int


@contextmanager
def solarium(*, gateway_url: str) -> Iterator[Solarium]:
    """Prepare Solarium with a database and a cache of its own."""
    with ExitStack() as stack:
        database = stack.enter_context(fresh_database(purpose="solarium"))
        environment = servers.solarium_environment(
            database=database,
            cache_url=stack.enter_context(own_cache()),
            gateway_url=gateway_url,
        )
        servers.migrate_solarium(environment)
        yield Solarium(
            contender=Contender(
                name="Solarium",
                database=database,
                send_path="/integrations/sendOTP",
                send_body='{"phone": "PHONE", "app": "CUSTAP"}',
                verify_path="/integrations/verifyOTP",
                serve=lambda: servers.solarium(environment),
                codes=lambda count: servers.make_challenges(environment, count=count),
                sas=("/documents/sas?docType=KYC", servers.make_token(environment)),
            ),
            send_statements=servers.count_send_statements(environment),
        )
