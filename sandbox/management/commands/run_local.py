"""``manage.py run_local``: the whole thing on this machine; ``bin/run`` calls it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import Any

import requests
from django.core.management.base import BaseCommand, CommandError, CommandParser

from sandbox.local import console_file
from sandbox.local.accounts import Accounts
from sandbox.local.children import STOP_SIGNALS, ChildFailed, Children
from sandbox.local.progress import Progress, StepFailed
from sandbox.local.setup import (
    LOGS,
    ROOT,
    Places,
    PortTaken,
    backend_environment,
    choose_places,
)
from sandbox.local.walk import Walk

AZURITE = ROOT / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
START_SECONDS = 60.0


class Command(BaseCommand):
    help = "Runs stand-ins, Azurite and backend here, walks the flows once, serves until Ctrl-C."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="stop after the walk")

    def handle(self, *args: Any, **options: Any) -> None:
        # Also where the shell started us with SIGINT ignored, as it does for background jobs.
        for signum in STOP_SIGNALS:
            signal.signal(signum, signal.default_int_handler)
        walked = False
        try:
            places = choose_places(os.environ)
            env = backend_environment(places)
            with console_file.removed_around(), Children(cwd=ROOT, logs=LOGS) as children:
                progress = Progress(write=self._say)
                accounts = self._start(children, places, env, progress)
                problem = _walk(places, progress, accounts)
                walked = not problem
                if options["check"] or problem:
                    self._say("\nStopping the servers.")
                else:
                    self._say(_summary(places, accounts))
                    while True:
                        children.check()
                        time.sleep(0.5)
            if problem:
                raise CommandError(
                    f"{problem}\nThe servers' logs are in {LOGS.relative_to(ROOT)}/."
                )
            self._say("Every step passed.")
        except (PortTaken, ChildFailed, StepFailed) as err:
            raise CommandError(str(err)) from err
        except KeyboardInterrupt:
            self._say("\nStopped.")
            if not walked or options["check"]:
                sys.exit(1)

    def _start(
        self, children: Children, places: Places, env: dict[str, str], progress: Progress
    ) -> Accounts:
        progress.heading("Servers")
        sandbox = children.start(name="sandbox", command=_sandbox_command(places), env=env)
        azurite = children.start(name="azurite", command=_azurite_command(places), env=env)
        with progress.step(f"stand-ins of the providers on {places.sandbox}"):
            children.wait_until_up(
                sandbox, url=f"{places.sandbox_url}/faults", seconds=START_SECONDS
            )
        with progress.step(f"Azurite on {places.azurite}"):
            children.wait_until_up(azurite, url=f"{places.azurite_url}/", seconds=START_SECONDS)
        with progress.step("database migrated, storage set up, accounts made"):
            accounts: Accounts = json.loads(_manage(env, "prepare_local"))
            console_file.write(places=places, accounts=accounts)
        with progress.step(f"backend on {places.backend}"):
            backend = children.start(name="backend", command=["bin/serve"], env=env)
            children.wait_until_up(
                backend, url=f"{places.backend_url}/healthz", seconds=START_SECONDS
            )
        return accounts

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _sandbox_command(places: Places) -> list[str]:
    return [
        *(sys.executable, "manage.py", "run_sandbox"),
        *("--port", str(places.sandbox)),
        *("--report-to", places.backend_url),
        *("--storage", places.azurite_url),
        *("--console", str(console_file.PATH)),
    ]


def _azurite_command(places: Places) -> list[str]:
    return [
        *("node", str(AZURITE)),
        *("--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", "--silent"),
        *("--blobHost", "127.0.0.1", "--blobPort", str(places.azurite)),
    ]


def _walk(places: Places, progress: Progress, accounts: Accounts) -> str:
    """Walk and return what went wrong, empty when nothing did."""
    staff = accounts["walk"]
    walk = Walk(
        places=places,
        progress=progress,
        staff_email=staff["email"],
        staff_password=staff["password"],
    )
    try:
        walk.go()
    except StepFailed as err:
        return f"A step failed: {err}."
    except requests.RequestException as err:
        return f"A server did not answer: {type(err).__name__}."  # its text may hold a SAS
    return ""


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


def _summary(places: Places, accounts: Accounts) -> str:
    kam, admin = accounts["kam"], accounts["admin"]
    return (
        "\nEvery step passed. Serving until Ctrl-C:\n"
        f"  Console      {places.console_url}/console/\n"
        f"  Admin        {places.backend_url}/admin/ (its one-time codes: on the console)\n"
        f"  API          {places.backend_url}/api/docs\n"
        f"  Inbox        {places.sandbox_url}/inbox\n"
        f"  Faults       {places.sandbox_url}/faults\n"
        f"  Staff login  {kam['email']}  {kam['password']}\n"
        f"  Admin login  {admin['email']}  {admin['password']}\n"
        f"  Logs         {LOGS.relative_to(ROOT)}/"
    )
