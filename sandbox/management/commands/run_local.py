"""``manage.py run_local``: the whole thing on this machine; ``bin/run`` calls it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import Any

import requests
from azure.core.exceptions import AzureError, ResourceExistsError
from azure.storage.blob import BlobServiceClient
from django.core.management.base import BaseCommand, CommandError, CommandParser

from sandbox.local.children import STOP_SIGNALS, ChildFailed, Children
from sandbox.local.progress import Progress, StepFailed
from sandbox.local.setup import (
    CONTAINER,
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
PASSWORD_VARIABLE = "LOCAL_STAFF_PASSWORD"


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
            with Children(cwd=ROOT, logs=LOGS) as children:
                progress = Progress(write=self._say)
                self._start(children, places, env, progress)
                walk = Walk(
                    places=places,
                    progress=progress,
                    make_staff=lambda email, password: _make_staff(env, email, password),
                )
                problem = _walk(walk)
                walked = not problem
                if options["check"] or problem:
                    self._say("\nStopping the servers.")
                else:
                    self._say(_summary(places, walk))
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
    ) -> None:
        progress.heading("Servers")
        with progress.step(f"stand-ins of MSG91 and SendGrid on {places.sandbox}"):
            command = [sys.executable, "manage.py", "run_sandbox", "--port", str(places.sandbox)]
            command += ["--report-to", places.report_url]
            sandbox = children.start(name="sandbox", command=command, env=env)
            children.wait_until_up(
                sandbox, url=f"{places.sandbox_url}/faults", seconds=START_SECONDS
            )
        with progress.step(f"Azurite on {places.azurite}"):
            command = [
                "node",
                str(AZURITE),
                "--inMemoryPersistence",
                "--skipApiVersionCheck",
                "--disableTelemetry",
                "--silent",
                "--blobHost",
                "127.0.0.1",
                "--blobPort",
                str(places.azurite),
            ]
            azurite = children.start(name="azurite", command=command, env=env)
            address = f"http://127.0.0.1:{places.azurite}/"
            children.wait_until_up(azurite, url=address, seconds=START_SECONDS)
            _create_container(places)
        with progress.step("database migrated"):
            _manage(env, "migrate", "--no-input", "--verbosity", "0")
        with progress.step(f"backend on {places.backend}"):
            backend = children.start(name="backend", command=["bin/serve"], env=env)
            children.wait_until_up(
                backend, url=f"{places.backend_url}/healthz", seconds=START_SECONDS
            )

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _walk(walk: Walk) -> str:
    """Walk and return what went wrong, empty when nothing did."""
    try:
        walk.go()
    except StepFailed as err:
        return f"A step failed: {err}."
    except requests.RequestException as err:
        return f"A server did not answer: {type(err).__name__}."  # its text may hold a SAS
    return ""


def _create_container(places: Places) -> None:
    try:
        with BlobServiceClient.from_connection_string(
            places.connection_string, retry_total=0
        ) as service:
            service.create_container(CONTAINER)
    except ResourceExistsError:
        pass
    except AzureError as err:
        raise StepFailed(f"the container cannot be made: {type(err).__name__}") from err


def _make_staff(env: dict[str, str], email: str, password: str) -> None:
    _manage(
        {**env, PASSWORD_VARIABLE: password},
        "create_user",
        "--role",
        "KAM",
        "--email",
        email,
        "--name",
        "Sandbox KAM",
        "--password-env",
        PASSWORD_VARIABLE,
    )


def _manage(env: dict[str, str], *arguments: str) -> None:
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


def _summary(places: Places, walk: Walk) -> str:
    return (
        "\nEvery step passed. Serving until Ctrl-C:\n"
        f"  API          {places.backend_url}/api/docs\n"
        f"  Inbox        {places.sandbox_url}/inbox\n"
        f"  Faults       {places.sandbox_url}/faults\n"
        f"  Staff login  {walk.staff_email}  {walk.staff_password}\n"
        f"  Logs         {LOGS.relative_to(ROOT)}/"
    )
