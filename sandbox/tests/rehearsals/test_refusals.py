"""What the command refuses; it leaves no account behind, and nobody else's fault is touched."""

from __future__ import annotations

from typing import Any

import pytest
import responses
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from accounts.models import User
from integrations import gateways
from integrations.testing import set_option
from sandbox.rehearsal import people
from sandbox.tests.calls import order

NOBODY = "http://127.0.0.1:9"


def rehearse(provider: str = "msg91", fault: str = "500", **options: str) -> None:
    words = [provider, "--fault", fault]
    words += [word for name, value in options.items() for word in (f"--{name}", value)]
    call_command("rehearse_outage", *words)


class TestWords:
    @pytest.mark.parametrize(
        ("provider", "fault", "sentence"),
        [
            ("twilio", "500", "The provider must be one of: msg91, sendgrid, azure_blob."),
            ("azure_blob", "no-report", "A fault of azure_blob is one of: timeout, "),
            ("msg91", "earthquake", "A fault of msg91 is one of: timeout, "),
        ],
    )
    def test_an_unknown_outage(self, provider: str, fault: str, sentence: str) -> None:
        with pytest.raises(CommandError, match=sentence):
            rehearse(provider, fault)

    @pytest.mark.parametrize("name", ["for", "before", "recovery", "every"])
    def test_what_is_no_length_of_time(self, name: str) -> None:
        with pytest.raises(CommandError, match=f"--{name}: '60' is no length of time"):
            rehearse(**{name: "60"})

    def test_a_pace_at_which_no_alert_can_come(self) -> None:
        with pytest.raises(CommandError, match=r"one call every 6 s there are never so many"):
            rehearse(every="6s")


@pytest.mark.django_db
class TestServers:
    def test_nobody_at_the_sandbox(self) -> None:
        with pytest.raises(CommandError, match=f"No sandbox answers at {NOBODY}; bin/run"):
            rehearse(sandbox=NOBODY)

    def test_nobody_at_the_backend(self, sandbox_url: str) -> None:
        with pytest.raises(CommandError, match=f"No backend answers at {NOBODY}; bin/run"):
            rehearse(sandbox=sandbox_url, backend=NOBODY)

        assert not User.objects.exists()

    def test_a_database_without_tables(self, sandbox_url: str) -> None:
        def refuse(execute: Any, sql: str, *rest: Any) -> Any:
            if "accounts_user" in sql:
                raise OperationalError("no such table: accounts_user")
            return execute(sql, *rest)

        with (
            connection.execute_wrapper(refuse),
            pytest.raises(CommandError, match="The database is not ready"),
        ):
            rehearse(sandbox=sandbox_url, backend=NOBODY)

    def test_a_backend_that_is_no_backend(self, sandbox_url: str) -> None:
        with pytest.raises(CommandError, match="No backend answers"):
            rehearse(sandbox=sandbox_url, backend=sandbox_url)

    def test_a_sandbox_that_is_no_sandbox(self, live_server: Any) -> None:
        with pytest.raises(CommandError, match="is no sandbox"):
            rehearse(sandbox=live_server.url, backend=live_server.url)

    def test_a_backend_with_another_database(self, sandbox_url: str) -> None:
        with responses.RequestsMock() as wire:
            wire.add_passthru(sandbox_url)
            wire.get("http://backend.example/healthz", json={"success": True})
            wire.post("http://backend.example/auth/login", json={"success": False}, status=401)

            with pytest.raises(CommandError, match="it uses another database"):
                rehearse(sandbox=sandbox_url, backend="http://backend.example")

        assert not User.objects.exists()

    def test_somebody_elses_fault(self, sandbox_url: str) -> None:
        order(sandbox_url, "sendgrid", "slow")

        with pytest.raises(CommandError, match="a fault under way: sendgrid slow"):
            rehearse(sandbox=sandbox_url, backend=NOBODY)


class TestSystem:
    def test_an_alert_that_is_open(self, sandbox_url: str, live_server: Any) -> None:
        gateways.set_alert(channel="email", kind="undelivered", is_on=True, text="lost")

        with pytest.raises(CommandError, match="sendgrid: .* an alert is open"):
            rehearse(sandbox=sandbox_url, backend=live_server.url)

        assert not User.objects.exists()

    def test_another_sandbox(
        self, sandbox_url: str, live_server: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A code that goes elsewhere does not come into this inbox."""
        set_option(settings, "sms", base_url="http://msg91.example")
        monkeypatch.setattr(people, "INBOX_SECONDS", 0.1)
        with responses.RequestsMock() as wire:
            wire.add_passthru(sandbox_url)
            wire.add_passthru(live_server.url)
            wire.post("http://msg91.example/api/v5/otp", json={"type": "success"})

            with pytest.raises(CommandError, match="does not talk to the sandbox"):
                rehearse(sandbox=sandbox_url, backend=live_server.url)

        assert not User.objects.exists()
