"""One whole system as production has it, with waits and limits that are short."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import redis

from sandbox.tests.ports import free_port
from solarium.tests.servers.nodes import (
    CALL_SECONDS,
    ROOT,
    START_SECONDS,
    Cluster,
    Node,
    StandIn,
    wait_until,
)

SETTINGS = "solarium.tests.short_settings"
SHORT = {
    "TEST_BREAKER_OPEN_SECONDS": "1",
    "DJANGO_SETTINGS_MODULE": SETTINGS,
    "PROVIDER_TIMEOUT_SECONDS": "1",
    "PROVIDER_RETRY_WAIT_SECONDS": "0.1",
    "ALERT_FAILURES_PER_MINUTE": "2",
    "OTP_SENDS_PER_IP_10MIN": "1000",
    "SAS_PER_USER_10MIN": "1000",
    "TRUSTED_PROXY_COUNT": "0",
    "AZURE_SAS_PROTOCOL": "https,http",
    "AZURE_STORAGE_ACCOUNT_URL": "",
}


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a rehearsal ended. ``refusal``: what it says where it exits with 1."""

    out: str
    progress: str
    refusal: str

    @property
    def checks(self) -> dict[str, bool | None]:
        """Return by name whether each check was met."""
        return {check["name"]: check["is_met"] for check in self._checks()}

    @property
    def wrong(self) -> dict[str, str]:
        """Return by name the sentences of the checks that were not met."""
        return {
            check["name"]: check["sentence"] for check in self._checks() if check["is_met"] is False
        }

    def _checks(self) -> list[dict[str, Any]]:
        assert self.out, (self.refusal, self.progress)
        return list(json.loads(self.out)["checks"])


@dataclass(frozen=True, kw_only=True)
class System:
    """A node, the providers' stand-in before it, and a process that rehearses."""

    cluster: Cluster
    node: Node
    driver: subprocess.Popen[str]
    environment: dict[str, str]
    reports: Path

    @property
    def msg91(self) -> StandIn:
        return self.cluster.msg91

    def words(self, provider: str, fault: str, **changed: str) -> list[str]:
        """Return the command's arguments; options by their names, in place of the short ones."""
        options = {
            "for": "1s",
            "before": "0.7s",
            "recovery": "4s",
            "every": "0.3s",
            "backend": f"http://127.0.0.1:{self.node.port}",
            "sandbox": self.msg91.url,
            "report-dir": str(self.reports),
            **changed,
        }
        named = [word for name, value in options.items() for word in (f"--{name}", value)]
        return [provider, "--fault", fault, "--json", *named]

    def rehearse(self, provider: str, fault: str, **changed: str) -> Ended:
        """Run the command in a healthy system; ``changed`` as `words` takes them."""
        self.forget()
        words = self.words(provider, fault, **changed)
        assert self.driver.stdin
        assert self.driver.stdout
        self.driver.stdin.write(json.dumps(words) + "\n")
        self.driver.stdin.flush()
        return Ended(**json.loads(self.driver.stdout.readline()))

    def beside(self, **changes: str) -> str:
        """Start one more node over the same database, otherwise set; return its address."""
        port = free_port()
        child = self.cluster.children.start(
            name=f"serve-{port}",
            command=["bin/serve"],
            env={**self.environment, **changes, "PORT": str(port)},
        )
        url = f"http://127.0.0.1:{port}"
        self.cluster.children.wait_until_up(child, url=f"{url}/readyz", seconds=START_SECONDS)
        return url

    @contextmanager
    def rehearsing(self, *words: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run the command in a process of its own, which ends with the block at the latest."""
        self.forget()
        with subprocess.Popen(
            [sys.executable, "manage.py", "rehearse_outage", *words],
            cwd=ROOT,
            env={**self.environment, "DJANGO_DEBUG": "true"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def staff(self) -> int:
        """Count the accounts that rehearsals made."""
        with psycopg.connect(self.cluster.database_url) as database:
            found = database.execute("SELECT count(*) FROM accounts_user WHERE role = 'KAM'")
            return int((found.fetchone() or [0])[0])

    def forget(self) -> None:
        """Leave a healthy provider, a closed breaker, no alert and nothing counted."""
        self.msg91.faults.clear(provider=None)
        with psycopg.connect(self.cluster.database_url, autocommit=True) as database:
            # One that is under way would count among what comes next.
            assert wait_until(lambda: not _under_way(database), seconds=CALL_SECONDS)
            database.execute("DELETE FROM integrations_gatewaycall")
            database.execute("DELETE FROM integrations_alert")
        with redis.Redis.from_url(self.cluster.cache_url) as cache:
            cache.flushdb()


def _under_way(database: psycopg.Connection[Any]) -> int:
    found = database.execute(
        "SELECT count(*) FROM integrations_gatewaycall WHERE outcome = 'started'"
    )
    return int((found.fetchone() or [0])[0])


@contextmanager
def driver(environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Start the process that rehearses; the command is there in debug only."""
    command = [sys.executable, "-m", "solarium.tests.rehearsals.driver"]
    with subprocess.Popen(
        command, cwd=ROOT, env={**environment, "DJANGO_DEBUG": "true"}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        yield process  # whoever leaves closes its stdin, which ends it
