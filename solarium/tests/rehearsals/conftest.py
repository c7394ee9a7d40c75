"""The system that is rehearsed in: started once, healthy again before each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox import msg91, reports, sendgrid_events, server
from sandbox.faults import Pace
from sandbox.local.setup import AZURITE_ACCOUNT, connection_string
from sandbox.tests.ports import free_port
from solarium.tests.servers.nodes import (
    HANG_SECONDS,
    START_SECONDS,
    Node,
    cluster_of,
)

from .systems import SHORT, System, driver


@pytest.fixture(scope="package")
def system(tmp_path_factory: pytest.TempPathFactory, azurite_url: str) -> Iterator[System]:
    port = free_port()
    app = server.build_app(
        pace=Pace(hang_seconds=HANG_SECONDS, slow_seconds=0.2),
        reports=reports.Reports(backend=f"http://127.0.0.1:{port}", after_seconds=0.05),
        storage=azurite_url.removesuffix(f"/{AZURITE_ACCOUNT}"),
    )
    with cluster_of(logs=tmp_path_factory.mktemp("rehearsals"), app=app) as cluster:
        environment = cluster.environment(
            **SHORT,
            PORT=str(port),
            AZURE_STORAGE_CONNECTION_STRING=connection_string(
                f"{cluster.msg91.url}/{AZURITE_ACCOUNT}"
            ),
            MSG91_WEBHOOK_TOKEN=msg91.REPORT_TOKEN,
            SENDGRID_WEBHOOK_PUBLIC_KEY=sendgrid_events.PUBLIC_KEY,
        )
        cluster.manage("migrate", "--no-input", "--verbosity", "0")
        children = cluster.children
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
