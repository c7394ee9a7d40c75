"""Solarium as in production, and the stand-in of its SMS provider."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import requests

from harness.databases import TOOL, Database
from harness.paths import BENCHMARKS, HARNESS, PYTHON, ROOT
from harness.processes import Server, clean_environment, free_port, run, running

NO_LIMITS = dict.fromkeys(
    (
        "OTP_COOLDOWN_SECONDS",
        "OTP_SENDS_PER_PHONE_10MIN",
        "OTP_SENDS_PER_PHONE_HOUR",
        "OTP_SENDS_PER_PHONE_DAY",
        "OTP_SENDS_PER_IP_10MIN",
        "OTP_SENDS_PER_PREFIX_10MIN",
        "OTP_SENDS_PER_MINUTE",
        "OTP_DAILY_BUDGET_RUPEES",
        "OTP_VERIFIES_PER_IP_10MIN",
        "OTP_WRONG_CODES_PER_PHONE_HOUR",
        "OTP_WRONG_CODES_PER_PHONE_DAY",
        "OTP_WRONG_CODES_IN_A_ROW",
        "LOGIN_FAILURES_15MIN",
        "RESETS_PER_ADDRESS_HOUR",
        "RESETS_PER_IP_HOUR",
        "EMAIL_SENDS_PER_USER_HOUR",
        "SAS_PER_USER_10MIN",
        "FILES_PER_USER_DAY",
        "MB_PER_USER_DAY",
    ),
    "0",
)
# Invented; nothing is called with it, signing needs a key only.
STORAGE = (
    "DefaultEndpointsProtocol=https;AccountName=solariumbench;"
    "AccountKey=c29sYXJpdW0gYmVuY2htYXJrcyBzaWduIHdpdGggdGhpcw==;EndpointSuffix=core.windows.net"
)


def solarium_environment(*, database: Database, cache_url: str, gateway_url: str) -> dict[str, str]:
    """Return production settings with every limit off and invented keys."""
    return clean_environment(
        DJANGO_DEBUG="false",
        DJANGO_SECRET_KEY=secrets.token_hex(32),
        DJANGO_ALLOWED_HOSTS="127.0.0.1",
        DATABASE_URL=database.url,
        CACHE_URL=cache_url,
        FINGERPRINT_KEY=secrets.token_hex(32),
        OTP_PEPPERS=secrets.token_hex(32),
        KEY_ENCRYPTION_KEYS=base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        MSG91_AUTH_KEY="benchmark-msg91-key",
        MSG91_OTP_TEMPLATE_ID="65f0aa11d6fc05bbbb000002",
        MSG91_BASE_URL=gateway_url,
        SENDGRID_API_KEY="SG.benchmark.key",
        SENDGRID_FROM_EMAIL="no-reply@solarium.example",
        SENDGRID_BASE_URL=gateway_url,
        AZURE_STORAGE_CONNECTION_STRING=STORAGE,
        AZURE_SAS_PROTOCOL="https",
        **NO_LIMITS,
    )


def migrate_solarium(environment: dict[str, str]) -> None:
    """Make the tables."""
    run(command=[str(PYTHON), "manage.py", "migrate", "--verbosity", "0"], environment=environment)


@contextmanager
def solarium(environment: dict[str, str]) -> Iterator[Server]:
    """Run ``bin/serve`` with its own defaults on a free port; the tables are there already.

    Args:
        environment: From ``solarium_environment``, with what a measurement adds to it.
    """
    port = free_port()
    with running(
        name="solarium",
        command=[str(ROOT / "bin" / "serve")],
        port=port,
        ready_path="/healthz",
        environment={
            **environment,
            "PORT": str(port),
            "PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
        },
    ) as server:
        yield server


@contextmanager
def gateway(*, delay_ms: float = 100) -> Iterator[Server]:
    """Run the stand-in of MSG91; ``set_delay`` changes how long it takes."""
    port = free_port()
    script = HARNESS / "gateway.py"
    with running(
        name="gateway",
        command=[str(PYTHON), str(script), "--port", str(port), "--delay-ms", str(delay_ms)],
        port=port,
        ready_path="/_bench/count",
        environment=clean_environment(),
    ) as server:
        yield server


def set_delay(server: Server, *, milliseconds: float | None) -> None:
    """Tell the stand-in how long to take from now on; None: take requests and never answer."""
    told = "hang" if milliseconds is None else str(milliseconds)
    requests.post(f"{server.url}/_bench/delay?ms={told}", timeout=10).raise_for_status()


def make_challenges(environment: dict[str, str], *, count: int) -> list[str]:
    """Return bodies for ``POST /integrations/verifyOTP``, each good for one use within an hour."""
    return _seed(environment, f"'\\n'.join(seed.make_challenges({count}))").splitlines()


def make_token(environment: dict[str, str]) -> str:
    """Return an ``Authorization`` header of a customer."""
    return _seed(environment, "seed.make_token()").strip()


def count_send_statements(environment: dict[str, str]) -> int:
    """Return how many statements one sendOTP runs, not counting BEGIN and COMMIT."""
    return int(_seed(environment, "seed.count_statements()"))


def _seed(environment: dict[str, str], call: str) -> str:
    """Return what a function of harness/seed.py gives, called in the server's environment."""
    shell = [str(PYTHON), "manage.py", "shell", "--no-imports", "--command"]
    return run(
        command=[*shell, f"from harness import seed; print({call})"],
        environment={
            **environment,
            "PYTHONPATH": str(BENCHMARKS),
            "DATABASE_URL": f"{environment['DATABASE_URL']}?application_name={TOOL}",
        },
    )
