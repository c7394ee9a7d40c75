"""The three that Solarium is held against, on the same PostgreSQL and the same gateway."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from harness import peer_codes
from harness.contenders import Contender
from harness.databases import Database, fresh_database
from harness.paths import BENCHMARKS, PEER_PACKAGES, PEERS, PYTHON, ROOT, working_directory
from harness.processes import Server, clean_environment, free_port, run, running

PROCESSES = 2
POOL_MAX = 16  # connections a process, as ours
# What bin/serve and solarium/server.py set for ours.
GRANIAN = (
    *("--interface", "wsgi", "--http", "1", "--no-ws", "--no-access-log"),
    *("--blocking-threads", "400", "--backlog", "4096", "--backpressure", "4096"),
)
TOKEN = "f" * 64  # the floor's one session


def install() -> None:
    """Install what the peers need, where it changed since the last time.

    Raises:
        SystemExit: Node is missing, or a package cannot be had.
    """
    working_directory()
    if not shutil.which("node"):
        raise SystemExit("Node 20 or newer is missing: better-auth runs on it.")
    wanted = BENCHMARKS / "requirements.txt"
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    with _once(PEER_PACKAGES, [wanted]) as stale:
        if stale:
            shutil.rmtree(PEER_PACKAGES, ignore_errors=True)
            run(
                command=[*pip, "--no-deps", "--target", str(PEER_PACKAGES), "-r", str(wanted)],
                environment=os.environ,
            )
    npm = ["npm", "ci", "--silent", "--no-audit", "--no-fund"]
    home = PEERS / "better_auth"
    with _once(home / "node_modules", [home / "package-lock.json"]) as stale:
        if stale:
            run(command=npm, environment=os.environ, directory=home)


@contextmanager
def floor(*, gateway_url: str, send_statements: int) -> Iterator[Contender]:
    """Prepare a bare DRF project that runs so many statements for a send."""
    with fresh_database(purpose="floor") as database:
        environment = _python_environment(
            database,
            gateway_url,
            directory=PEERS / "floor",
            SEND_STATEMENTS=str(send_statements),
            DJANGO_SETTINGS_MODULE="bare.settings",
        )
        run(
            command=[str(PYTHON), "-m", "django", "migrate", "--run-syncdb", "--verbosity", "0"],
            environment=environment,
        )
        digest = hashlib.sha512(TOKEN.encode()).hexdigest()
        database.execute(
            "INSERT INTO bare_token VALUES (%s, '+919000000000', now() + interval '1 day')",
            (digest,),
        )
        yield Contender(
            name=f"bare DRF, {send_statements} statements",
            database=database,
            send_path="/send",
            send_body='{"phone": "PHONE", "app": "CUSTAP"}',
            verify_path="/verify",
            serve=lambda: _python_server("floor", "bare.wsgi:application", environment),
            codes=lambda count: peer_codes.floor(database, count),
            sas=("/sas", f"Token {TOKEN}"),
        )


@contextmanager
def better_auth(*, gateway_url: str) -> Iterator[Contender]:
    """Prepare better-auth's phone-number plugin in two Node processes."""
    home = PEERS / "better_auth"
    with fresh_database(purpose="better_auth") as database:
        environment = clean_environment(
            NODE_ENV="production",
            DATABASE_URL=database.url,
            GATEWAY_URL=gateway_url,
            PROCESSES=str(PROCESSES),
            POOL_MAX=str(POOL_MAX),
        )
        run(
            command=["node", "server.mjs", "migrate"],
            environment={**environment, "PORT": "8000"},
            directory=home,
        )

        @contextmanager
        def serve() -> Iterator[Server]:
            port = free_port()
            with running(
                name="better-auth",
                command=["node", "server.mjs"],
                port=port,
                ready_path="/api/auth/ok",
                environment={**environment, "PORT": str(port)},
                directory=home,
            ) as server:
                yield server

        yield Contender(
            name="better-auth",
            database=database,
            send_path="/api/auth/phone-number/send-otp",
            send_body='{"phoneNumber": "PHONE"}',
            verify_path="/api/auth/phone-number/verify",
            serve=serve,
            codes=lambda count: peer_codes.better_auth(database, count),
        )


@contextmanager
def phone_verify(*, gateway_url: str) -> Iterator[Contender]:
    """Prepare django-phone-verify under granian, as ours; it holds a connection while it sends."""
    with fresh_database(purpose="phone_verify") as database:
        environment = _python_environment(
            database,
            gateway_url,
            directory=PEERS / "phone_verify",
            DJANGO_SETTINGS_MODULE="verify.settings",
        )
        run(
            command=[str(PYTHON), "-m", "django", "migrate", "--verbosity", "0"],
            environment=environment,
        )
        yield Contender(
            name="django-phone-verify",
            database=database,
            send_path="/phone/register",
            send_body='{"phone_number": "PHONE"}',
            verify_path="/phone/verify",
            serve=lambda: _python_server("phone-verify", "verify.wsgi:application", environment),
            codes=lambda count: peer_codes.phone_verify(database, count),
            # No more rows than needed: it has no index that begins with the phone.
            codes_per_second=600,
        )


def _python_environment(
    database: Database, gateway_url: str, *, directory: Path, **more: str
) -> dict[str, str]:
    return clean_environment(
        PYTHONPATH=f"{directory}:{ROOT}:{PEER_PACKAGES}",
        DATABASE_URL=database.url,
        GATEWAY_URL=gateway_url,
        POOL_MAX=str(POOL_MAX),
        **more,
    )


@contextmanager
def _python_server(name: str, application: str, environment: dict[str, str]) -> Iterator[Server]:
    port = free_port()
    granian = [str(PYTHON), "-m", "granian", *GRANIAN, "--workers", str(PROCESSES)]
    with running(
        name=name,
        command=[*granian, "--port", str(port), application],
        port=port,
        ready_path="/healthz",
        environment=environment,
    ) as server:
        yield server


@contextmanager
def _once(directory: Path, files: Sequence[Path]) -> Iterator[bool]:
    """Tell whether the files changed since they were installed here; note it after the block."""
    stamp = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    note = directory / ".stamp"
    stale = not note.exists() or note.read_text() != stamp
    yield stale
    if stale:
        note.write_text(stamp)
