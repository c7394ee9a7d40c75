"""Keys are changed under load, and no request is lost; benchmarks/rotation.py does it at length."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
import requests

from sandbox import msg91

from .mixed_load import People, mixed_load
from .nodes import ROOT, Cluster, Node

pytestmark = pytest.mark.postgres

NEW_KEY = "rotated-msg91-key"
PER_SECOND = 30
SEEN_BY_ALL_SECONDS = 5  # the specification's, until every process uses a new key
# One start of Django instead of four.
STEPS = """
import django; django.setup()
from django.core.management import call_command
for provider, step in (("msg91", "stage"), ("otp_pepper", "stage"),
                       ("msg91", "activate"), ("otp_pepper", "activate")):
    key = {"from_env": "NEW_KEY"} if (provider, step) == ("msg91", "stage") else {}
    call_command("rotate_key", provider, step, **key)
"""


@pytest.fixture(autouse=True)
def _both_keys(cluster: Cluster) -> Iterator[None]:
    """The stand-in takes the new key from now on, and the old one again for who comes after."""
    _tell(cluster, "POST", NEW_KEY)
    yield
    _tell(cluster, "POST", msg91.AUTH_KEY)


def _tell(cluster: Cluster, method: str, key: str) -> None:
    order = {"provider": "msg91", "key": key}
    requests.request(method, f"{cluster.msg91.url}/keys", json=order, timeout=10).raise_for_status()


def test_key_and_pepper_change_under_load(cluster: Cluster, nodes: list[Node]) -> None:
    with mixed_load(cluster=cluster, nodes=nodes, people=People(), per_second=PER_SECOND) as seen:
        env = cluster.environment(DJANGO_SETTINGS_MODULE="solarium.settings", NEW_KEY=NEW_KEY)
        subprocess.run([sys.executable, "-c", STEPS], cwd=ROOT, env=env, check=True)
        time.sleep(SEEN_BY_ALL_SECONDS)
        _tell(cluster, "DELETE", msg91.AUTH_KEY)
        time.sleep(1)

    assert seen.failed == 0, seen.bad
    assert {operation for operation, _ in seen.answers} == {"send", "verify"}
    listed = json.loads(cluster.manage("rotate_key", "msg91", "list", "--json"))
    assert [each["state"] for each in listed] == ["active", "previous"]
    assert all(each["lastUsedAt"] for each in listed)
