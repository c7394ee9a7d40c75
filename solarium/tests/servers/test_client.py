"""The TypeScript client, compiled and run by node, against a real server."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.local.phones import some_phone
from solarium.tests.client.compiling import CLIENT, compile_client, run

from .nodes import Cluster, Node

pytestmark = pytest.mark.postgres


def test_a_login_by_code(cluster: Cluster, nodes: list[Node], tmp_path: Path) -> None:
    said = run(
        "node",
        str(CLIENT / "tests" / "login.mjs"),
        CLIENT=str(compile_client(tmp_path)),
        BACKEND=f"http://127.0.0.1:{nodes[0].port}",
        INBOX=f"{cluster.msg91.url}/inbox",
        PHONE=some_phone(),
    )

    assert said == "logged in and out\n"
