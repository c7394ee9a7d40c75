"""All servers of ``bin/run`` on free ports, with a database of their own, for a browser."""

from __future__ import annotations

import secrets
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.local import console_file, servers
from sandbox.local.accounts import Accounts
from sandbox.local.children import Children
from sandbox.local.phones import some_phone
from sandbox.local.progress import Progress
from sandbox.local.setup import ROOT, Places, backend_environment, choose_places
from sandbox.tests.calls import messages, order
from sandbox.tests.ports import free_ports

# Short, so that a test of an outage takes seconds; three attempts and what they mean stay.
TIMES = {
    "OTP_SENDS_PER_IP_10MIN": "1000",  # all tests come from one address
    "PROVIDER_TIMEOUT_SECONDS": "1",
    "PROVIDER_CONNECT_TIMEOUT_SECONDS": "1",
    "PROVIDER_RETRY_WAIT_SECONDS": "0.2",
    "ALERT_FAILURES_PER_MINUTE": "2",
    "DJANGO_SETTINGS_MODULE": "solarium.tests.short_settings",
    "TEST_BREAKER_OPEN_SECONDS": "3",  # long enough to be seen
}
CLOSED_WITHIN_SECONDS = 15.0


@dataclass(kw_only=True)
class World:
    """The running servers."""

    places: Places
    accounts: Accounts
    environment: dict[str, str]
    database: Path

    def new_staff(self) -> str:
        """Make one more KAM and return the address."""
        email = f"staff-{secrets.token_hex(4)}@solarium.example"
        command = [sys.executable, "manage.py", "create_user", "--role", "KAM", "--email", email]
        command += ["--name", "Asha (KAM)", "--password-env", "NEW_STAFF_PASSWORD"]
        env = {**self.environment, "NEW_STAFF_PASSWORD": secrets.token_urlsafe(18)}
        subprocess.run(command, cwd=ROOT, env=env, capture_output=True, check=True)
        return email

    def inbox(self, to: str) -> list[dict[str, Any]]:
        """Return what came for a phone or an address, newest first."""
        return messages(self.places.sandbox_url, to)

    def order(self, provider: str, fault: str) -> None:
        """Order a fault until further notice."""
        order(self.places.sandbox_url, provider, fault)

    def end_faults(self) -> None:
        """Take all faults back; codes and mails go out, and the failures are a minute old."""
        requests.delete(f"{self.places.sandbox_url}/faults", timeout=5)
        ends_at = time.monotonic() + CLOSED_WITHIN_SECONDS
        for send in (lambda: self.send_code(some_phone()), self.send_mail):
            while send() != 200:
                assert time.monotonic() < ends_at, "a breaker did not close again"
                time.sleep(0.3)
        self.let_a_minute_go_by()

    def send_code(self, phone: str) -> int:
        """Ask the backend for a code and return the status."""
        body = {"phone": phone, "app": "CUSTAP"}
        url = f"{self.places.backend_url}/integrations/sendOTP"
        return requests.post(url, json=body, timeout=10).status_code

    def send_mail(self) -> int:
        """Have the backend send a mail of the walk's account, and return the status."""
        body = {
            "template": "system_notice",
            "to": self.accounts["walk"]["email"],
            "context": {"title": "All is well", "message": "Nothing is wrong."},
        }
        url = f"{self.places.backend_url}/integrations/sendEmail"
        headers = {"Authorization": f"Token {self._walk_token}"}
        return requests.post(url, json=body, headers=headers, timeout=10).status_code

    @cached_property
    def _walk_token(self) -> str:
        staff = self.accounts["walk"]
        answer = requests.post(
            f"{self.places.backend_url}/auth/login",
            json={"email": staff["email"], "password": staff["password"]},
            timeout=10,
        )
        return str(answer.json()["token"])

    def let_a_minute_go_by(self) -> None:
        """Make every call of the audit a minute older, as an alert and a banner see it."""
        self._change(
            "UPDATE integrations_gatewaycall SET finished_at = "
            "strftime('%Y-%m-%d %H:%M:%f', finished_at, '-61 seconds') || '000'"
        )

    def forget_used_authenticator_codes(self) -> None:
        """Let the code of now be good even where another test has just used it."""
        self._change("UPDATE otp_totp_totpdevice SET last_t = -1")

    def _change(self, statement: str) -> None:
        with closing(sqlite3.connect(self.database, timeout=10)) as rows, rows:
            rows.execute(statement)


@contextmanager
def running(folder: Path) -> Iterator[World]:
    """Start all servers and stop them at the end."""
    places = choose_places(free_ports())
    database = folder / "solarium.sqlite3"
    env = {**backend_environment(places), **TIMES, "DATABASE_URL": f"sqlite:///{database}"}
    with pytest.MonkeyPatch.context() as patch, Children(cwd=ROOT, logs=folder) as children:
        patch.setattr(console_file, "PATH", folder / "console.json")  # not a person's own run's
        quiet = Progress(write=lambda _: None)
        accounts = servers.start(children=children, places=places, env=env, progress=quiet)
        yield World(places=places, accounts=accounts, environment=env, database=database)
