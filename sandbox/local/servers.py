"""Starts the servers of one run: stand-ins, Azurite, backend."""

from __future__ import annotations

import json
import subprocess
import sys

from sandbox.local import console_file
from sandbox.local.accounts import Accounts
from sandbox.local.children import Children
from sandbox.local.progress import Progress, StepFailed
from sandbox.local.setup import ROOT, Places

AZURITE = ROOT / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
START_SECONDS = 60.0


def start(
    *, children: Children, places: Places, env: dict[str, str], progress: Progress
) -> Accounts:
    """Start all, and tell the console of it; ``children`` stops them.

    Args:
        env: The backend's environment, as `backend_environment` makes it.

    Raises:
        ChildFailed: A server ended or does not answer.
        StepFailed: The database, the storage or the accounts could not be prepared.
    """
    progress.heading("Servers")
    sandbox = children.start(name="sandbox", command=_sandbox_command(places), env=env)
    azurite = children.start(name="azurite", command=_azurite_command(places), env=env)
    with progress.step(f"stand-ins of the providers on {places.sandbox}"):
        children.wait_until_up(sandbox, url=f"{places.sandbox_url}/faults", seconds=START_SECONDS)
    with progress.step(f"Azurite on {places.azurite}"):
        children.wait_until_up(azurite, url=places.azurite_url, seconds=START_SECONDS)
    with progress.step("database migrated, storage set up, accounts made"):
        accounts: Accounts = json.loads(_manage(env, "prepare_local"))
        console_file.write(places=places, accounts=accounts)
    with progress.step(f"backend on {places.backend}"):
        backend = children.start(name="backend", command=["bin/serve"], env=env)
        children.wait_until_up(backend, url=f"{places.backend_url}/healthz", seconds=START_SECONDS)
    return accounts


def _sandbox_command(places: Places) -> list[str]:
    return [
        *(sys.executable, "manage.py", "run_sandbox"),
        *("--port", str(places.sandbox)),
        *("--report-to", places.backend_address),
        *("--storage", places.azurite_url),
        *("--console", str(console_file.PATH)),
    ]


def _azurite_command(places: Places) -> list[str]:
    return [
        *("node", str(AZURITE)),
        *("--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", "--silent"),
        *("--blobHost", "127.0.0.1", "--blobPort", str(places.azurite)),
    ]


def _manage(env: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-5:]
        raise StepFailed(f"manage.py {arguments[0]} failed:\n" + "\n".join(last))
    return done.stdout
