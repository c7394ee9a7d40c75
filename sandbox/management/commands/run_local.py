"""``manage.py run_local``: the whole thing on this machine; ``bin/run`` calls it."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import Any

import requests
from django.core.management.base import BaseCommand, CommandError, CommandParser

from sandbox.local import console_file, servers
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


class Command(BaseCommand):
    help = (
        "Runs stand-ins, Azurite and backend here, walks the flows once, serves until Ctrl-C. "
        "Example: DJANGO_DEBUG=true manage.py run_local --check"
    )
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
                accounts = servers.start(
                    children=children, places=places, env=env, progress=progress
                )
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

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


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
