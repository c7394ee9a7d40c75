"""``manage.py check_providers``, and the system checks of keys."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone

from integrations import encryption
from integrations.models import GatewayCall, ProviderKey

from .rotating import NEW, environment_key, fingerprint, takes

pytestmark = pytest.mark.django_db
SERVICE = "http://127.0.0.1:10000/devstoreaccount1/?restype=service&comp=properties"
PROPERTIES = """<?xml version="1.0"?><StorageServiceProperties><Cors/>
<DeleteRetentionPolicy><Enabled>false</Enabled></DeleteRetentionPolicy></StorageServiceProperties>"""


def check(*arguments: str) -> tuple[int, str, str]:
    out = io.StringIO()
    try:
        call_command("check_providers", *arguments, stdout=out)
    except CommandError as refused:
        return 1, out.getvalue(), str(refused)
    return 0, out.getvalue(), ""


def store(provider: str, state: str, key: str, *, days: int = 0) -> None:
    ProviderKey.objects.create(
        provider=provider,
        state=state,
        source="rotation",
        fingerprint=fingerprint(key),
        ciphertext=encryption.encrypt(key),
        created_at=timezone.now() - timedelta(days=days, hours=1),
    )


@pytest.fixture
def storage(wire):
    takes(wire, "azure_blob")
    wire.mock.get(SERVICE, body=PROPERTIES, content_type="application/xml")


class TestCheckProviders:
    def test_good_keys_and_an_odd_storage_are_fine(self, wire, storage):
        takes(wire, "msg91", "sendgrid")

        code, out, err = check()

        assert (code, err) == (0, "")
        lines = [line.split("  ")[:4] for line in out.splitlines()]
        assert [line[0] + " " + line[3] for line in lines] == [
            "msg91 ok",
            "sendgrid ok",
            "azure_blob ok",
            "azure_blob warning",
            "azure_blob warning",
        ]
        for provider in ("msg91", "sendgrid", "azure_blob"):
            assert environment_key(provider) not in out
        assert not GatewayCall.objects.exists()

    def test_a_refused_key_is_named(self, wire, storage, settings):
        takes(wire, "msg91")
        wire.mock.get(f"{settings.SENDGRID_BASE_URL}/v3/scopes", status=401, json={})

        code, out, err = check()

        assert (code, err) == (1, "A key is refused or missing: sendgrid.")
        assert "sendgrid" in out

    def test_a_missing_key_is_named(self, wire, storage, settings):
        takes(wire, "sendgrid")
        channel = settings.INTEGRATIONS["sms"]
        options = {**channel["OPTIONS"], "keys": ("",)}
        settings.INTEGRATIONS = {
            **settings.INTEGRATIONS, "sms": {**channel, "OPTIONS": options}
        }  # fmt: skip

        assert check()[2] == "A key is refused or missing: msg91."

    def test_a_provider_that_does_not_answer_is_no_refusal(self, wire, settings):
        """Nothing is answered at the wire: all three are as if gone."""
        code, out, _ = check()

        assert code == 0
        assert out.count("unknown") == 3

    def test_stored_keys_are_proved_in_all_their_states(self, wire, storage):
        takes(wire, "msg91", "sendgrid")
        store("msg91", "active", NEW["msg91"])
        store("msg91", "previous", environment_key("msg91"))
        store("msg91", "staged", "third-key")

        code, out, _ = check("--json")

        assert code == 0
        found = [each for each in json.loads(out) if each["provider"] == "msg91"]
        assert [(each["state"], each["result"]) for each in found] == [
            ("active", "ok"),
            ("previous", "ok"),
            ("staged", "ok"),
        ]


class TestSystemChecks:
    def ids(self) -> list[str]:
        found = run_checks(include_deployment_checks=True)
        return sorted(
            each.id for each in found if each.id and each.id.startswith("integrations.")
            and each.id[-3:-1] == "02"
        )  # fmt: skip

    def test_nothing_stored_is_fine(self):
        assert self.ids() == []

    @pytest.mark.parametrize(
        ("provider", "days", "found"),
        [
            ("msg91", 89, []),
            ("msg91", 90, ["integrations.W020"]),
            ("sendgrid", 90, ["integrations.W020"]),
            ("azure_blob", 90, ["integrations.W020"]),
            ("otp_pepper", 179, []),
            ("otp_pepper", 180, ["integrations.W020"]),
        ],
    )
    def test_keys_are_told_when_they_are_too_old(self, provider, days, found):
        """S62."""
        store(provider, "active", environment_key(provider), days=days)

        assert self.ids() == found

    def test_the_environment_that_is_behind_is_told(self):
        store("msg91", "active", NEW["msg91"])
        store("otp_pepper", "active", "shown to nobody")

        assert self.ids() == ["integrations.W021"]

    def test_a_key_in_use_that_cannot_be_read_is_an_error(self, settings):
        store("msg91", "active", environment_key("msg91"))
        store("msg91", "previous", "an older key")
        settings.KEY_ENCRYPTION_KEYS = [encryption.new_key()]

        assert self.ids() == ["integrations.E021"]

    @pytest.mark.parametrize("keys", [["short"], [encryption.new_key(), ""]])
    def test_what_is_no_fernet_key_is_an_error(self, keys, settings):
        settings.KEY_ENCRYPTION_KEYS = keys

        assert self.ids() == ["integrations.E020"]

    def test_without_the_database_nothing_is_said(self):
        def fail(*args):
            raise OperationalError

        with connection.execute_wrapper(fail):
            assert self.ids() == []
