"""The system that is rehearsed in: started once, healthy again before each test."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from integrations.testing import AZURITE_ACCOUNT, azurite_connection
from sandbox import msg91, reports, sendgrid_events, server
from sandbox.faults import Pace
from sandbox.local.children import Children
from solarium.tests.servers.nodes import (
    HANG_SECONDS,
    ROOT,
    START_SECONDS,
    Cluster,
    Node,
    free_port,
    fresh_database,
    stand_in,
)

from .systems import SHORT, System, driver


@pytest.fixture(scope="package")
def system(tmp_path_factory: pytest.TempPathFactory, azurite_url: str) -> Iterator[System]:
    database, cache = os.environ.get("DATABASE_URL", ""), os.environ.get("CACHE_URL", "")
    if not (database.startswith("postgres") and cache):
        pytest.fail("needs PostgreSQL and Redis: bin/with-postgres bin/with-redis pytest …")
    port = free_port()
    app = server.build_app(
        pace=Pace(hang_seconds=HANG_SECONDS, slow_seconds=0.2),
        reports=reports.Reports(backend=f"http://127.0.0.1:{port}", after_seconds=0.05),
        storage=azurite_url.removesuffix(f"/{AZURITE_ACCOUNT}"),
    )
    with (
        fresh_database(database) as database_url,
        stand_in(app) as provider,
        Children(cwd=ROOT, logs=tmp_path_factory.mktemp("rehearsals")) as children,
    ):
        cluster = Cluster(
            database_url=database_url, cache_url=cache, msg91=provider, children=children
        )
        # Who ends the run by SIGTERM must leave no server behind either.
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        environment = cluster.environment(
            **SHORT,
            PORT=str(port),
            AZURE_STORAGE_CONNECTION_STRING=azurite_connection(f"{provider.url}/{AZURITE_ACCOUNT}"),
            MSG91_WEBHOOK_TOKEN=msg91.REPORT_TOKEN,
            SENDGRID_WEBHOOK_PUBLIC_KEY=sendgrid_events.PUBLIC_KEY,
        )
        cluster.manage("migrate", "--no-input", "--verbosity", "0")
        child = children.start(name=f"serve-{port}", command=["bin/serve"], env=environment)
        with driver(environment) as process:
            children.wait_until_up(
                child, url=f"http://127.0.0.1:{port}/readyz", seconds=START_SECONDS
            )
            yield System(
                cluster=cluster,
                node=Node(port=port, child=child),
                driver=process,
                environment=environment,
                reports=tmp_path_factory.mktemp("reports"),
            )
        signal.signal(signal.SIGTERM, before)
