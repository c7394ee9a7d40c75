"""``bin/serve`` as in production, over a PostgreSQL database and a Redis of the test run."""

from __future__ import annotations

import base64
import os
import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import requests
from aiohttp import web

from sandbox import msg91, sendgrid, server
from sandbox.faults import Faults, Pace
from sandbox.inbox import Inbox
from sandbox.local import setup
from sandbox.local.children import Child, Children
from sandbox.local.phones import some_phone
from sandbox.tests.ports import free_port
from sandbox.tests.serving import listening

ROOT = Path(__file__).resolve().parents[3]
START_SECONDS = 180  # on a busy machine; one that ends is noticed at once
CALL_SECONDS = 30
HANG_SECONDS = 60  # longer than anybody waits
POOL_MAX = 4  # small, so that a connection held too long is seen
WORKERS = 2
IP_SENDS = 5
TIMEOUT_SECONDS = 5.0  # of a provider's attempt


@contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    """Make a database beside the one that a URL names; give its URL, drop it at the end."""
    name = f"servers_{secrets.token_hex(4)}"
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        try:
            yield urlsplit(server_url)._replace(path=f"/{name}").geturl()
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@dataclass(frozen=True, kw_only=True)
class StandIn:
    """MSG91 in a thread: what was sent, what goes wrong."""

    url: str
    faults: Faults
    inbox: Inbox

    def code(self, phone: str) -> str:
        """Return the newest code that went to a phone."""
        found = re.search(r"[0-9]{6}", self.inbox.find(to=phone)[0].text)
        assert found
        return found[0]


@contextmanager
def stand_in(app: web.Application | None = None) -> Iterator[StandIn]:
    """MSG91 and SendGrid on a free port; ``app`` is a sandbox with a pace of its own."""
    app = app or server.build_app(pace=Pace(hang_seconds=HANG_SECONDS, slow_seconds=2))
    with listening(app) as url:
        yield StandIn(url=url, faults=app[server.FAULTS_KEY], inbox=app[server.INBOX_KEY])


@dataclass(frozen=True, kw_only=True)
class Node:
    """One running ``bin/serve``; each call comes from a client address of its own."""

    port: int
    child: Child

    @property
    def pid(self) -> int:
        return self.child.process.pid

    def call(
        self, method: str, path: str, *, token: str = "", client: str = "", **body: Any
    ) -> requests.Response:
        headers = {"X-Forwarded-For": client or some_address()}
        if token:
            headers["Authorization"] = f"Token {token}"
        return requests.request(
            method,
            f"http://127.0.0.1:{self.port}{path}",
            json=body or None,
            headers=headers,
            timeout=CALL_SECONDS,
        )

    def send(self, phone: str = "", **more: Any) -> requests.Response:
        body = {"phone": phone or some_phone(), "app": "CUSTAP"}
        return self.call("POST", "/integrations/sendOTP", **body, **more)


@dataclass(kw_only=True)
class Cluster:
    """Starts nodes that share everything."""

    database_url: str
    cache_url: str
    msg91: StandIn
    children: Children

    def start(self, count: int = 1, *, ready: str = "/readyz", **changes: str) -> list[Node]:
        """Start nodes side by side and wait until they answer."""
        nodes = []
        for _ in range(count):
            port = free_port()
            child = self.children.start(
                name=f"serve-{port}",
                command=["bin/serve"],
                env=self.environment(PORT=str(port), **changes),
            )
            nodes.append(Node(port=port, child=child))
        for node in nodes:
            self.children.wait_until_up(
                node.child, url=f"http://127.0.0.1:{node.port}{ready}", seconds=START_SECONDS
            )
        return nodes

    def manage(self, *arguments: str, **changes: str) -> str:
        """Run a management command in the nodes' environment; return what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment(**changes), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def environment(self, **changes: str) -> dict[str, str]:
        """Return a whole production environment; a developer's own settings do not count."""
        return {
            "PATH": os.environ["PATH"],
            **dict.fromkeys(setup.EMPTIED, ""),
            **setup.LIMITS,
            "DJANGO_DEBUG": "false",
            "DJANGO_SECRET_KEY": "k" * 30 + "0123456789abcdefghijklmnopqrstuvwxyz",
            "DJANGO_ALLOWED_HOSTS": "127.0.0.1",
            "PUBLIC_BASE_URL": "http://127.0.0.1:8000",
            "TRUSTED_PROXY_COUNT": "1",
            "SERVE_WORKERS": str(WORKERS),
            "SERVE_THREADS": "200",
            "DATABASE_URL": self.database_url,
            "DATABASE_POOL_MAX": str(POOL_MAX),
            "CACHE_URL": self.cache_url,
            "FINGERPRINT_KEY": "f" * 40,
            "OTP_PEPPERS": "p" * 40,
            "KEY_ENCRYPTION_KEYS": base64.urlsafe_b64encode(b"e" * 32).decode(),
            "MSG91_BASE_URL": self.msg91.url,
            "MSG91_AUTH_KEY": msg91.AUTH_KEY,
            "MSG91_OTP_TEMPLATE_ID": msg91.TEMPLATE_ID,
            "SENDGRID_BASE_URL": self.msg91.url,
            "SENDGRID_API_KEY": sendgrid.API_KEY,
            "SENDGRID_FROM_EMAIL": "no-reply@solarium.example",
            "AZURE_STORAGE_ACCOUNT_URL": "https://solarium.blob.core.windows.net",
            "PROVIDER_TIMEOUT_SECONDS": str(TIMEOUT_SECONDS),
            "PROVIDER_RETRY_WAIT_SECONDS": "0",
            "OTP_COOLDOWN_SECONDS": "1",
            "OTP_SENDS_PER_IP_10MIN": str(IP_SENDS),
            **changes,
        }


@contextmanager
def cluster_of(*, logs: Path, app: web.Application | None = None) -> Iterator[Cluster]:
    """Make what nodes share, without tables; ``app`` is a sandbox with a pace of its own."""
    database, cache = os.environ.get("DATABASE_URL", ""), os.environ.get("CACHE_URL", "")
    if not (database.startswith("postgres") and cache):
        pytest.fail("needs PostgreSQL and Redis: bin/with-postgres bin/with-redis pytest …")
    with (
        fresh_database(database) as database_url,
        stand_in(app) as provider,
        Children(cwd=ROOT, logs=logs) as children,
    ):
        # Who ends the run by SIGTERM must leave no server behind either.
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            yield Cluster(
                database_url=database_url, cache_url=cache, msg91=provider, children=children
            )
        finally:
            signal.signal(signal.SIGTERM, before)


def wait_until(true: Callable[[], bool], *, seconds: float) -> bool:
    """Return whether something became true in time."""
    ends_at = time.monotonic() + seconds
    while not true():
        if time.monotonic() > ends_at:
            return False
        time.sleep(0.02)
    return True


def some_address() -> str:
    return f"10.{secrets.randbelow(256)}.{secrets.randbelow(256)}.{secrets.randbelow(256)}"
