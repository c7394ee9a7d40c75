"""Staging a key: what is stored beside the one in use, and what is no key."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from integrations import encryption
from integrations.models import ProviderKey

from .keyring import send
from .rotating import (
    NEW,
    PROVIDERS,
    environment_key,
    everything,
    fingerprint,
    rotate,
    states,
    takes,
)

pytestmark = pytest.mark.django_db


class TestStage:
    @pytest.mark.parametrize("provider", PROVIDERS)
    def test_stores_the_new_key_beside_the_environments(
        self, provider, wire, monkeypatch, recorded
    ):
        takes(wire, provider)

        said = rotate(monkeypatch, provider, "stage", stdin=f"  {NEW[provider]}\r\n")

        assert said.code == 0, said
        assert states(provider) == {
            "active": fingerprint(environment_key(provider)),
            "staged": fingerprint(NEW[provider]),
        }
        assert recorded == [("key_rotation", f"{provider} stage {fingerprint(NEW[provider])}")]
        assert (
            encryption.decrypt(ProviderKey.objects.get(state="staged").ciphertext) == NEW[provider]
        )

    def test_no_key_is_shown_or_stored_in_clear(self, wire, monkeypatch, caplog):
        takes(wire, "msg91")
        caplog.set_level("DEBUG")

        said = rotate(monkeypatch, "msg91", "stage", stdin=NEW["msg91"])

        for text in (said.out, said.err, caplog.text, str(everything())):
            assert NEW["msg91"] not in text
            assert environment_key("msg91") not in text

    def test_the_key_may_come_from_a_variable(self, wire, monkeypatch):
        takes(wire, "sendgrid")
        monkeypatch.setenv("THE_NEW_KEY", NEW["sendgrid"])

        assert rotate(monkeypatch, "sendgrid", "stage", "--from-env", "THE_NEW_KEY").code == 0
        assert states("sendgrid")["staged"] == fingerprint(NEW["sendgrid"])

    def test_replaces_a_staged_key_and_touches_no_other(self, staged, monkeypatch):
        before = ProviderKey.objects.get(state="active")

        assert rotate(monkeypatch, "msg91", "stage", stdin="third-key").code == 0

        assert states("msg91")["staged"] == fingerprint("third-key")
        assert ProviderKey.objects.get(state="active").ciphertext == before.ciphertext
        assert ProviderKey.objects.count() == 2

    def test_nothing_is_sent_with_a_staged_key(self, staged, wire):
        wire.msg91_accepts()

        send()

        assert wire.mock.calls[-1].request.headers["authkey"] == environment_key("msg91")

    def test_the_key_in_use_is_not_staged_again(self, wire, monkeypatch):
        said = rotate(monkeypatch, "msg91", "stage", stdin=environment_key("msg91"))

        assert (said.code, everything(), len(wire.mock.calls)) == (0, [], 0)
        assert "in use already" in said.out

    def test_a_dry_run_proves_and_stores_nothing(self, wire, monkeypatch, recorded):
        takes(wire, "msg91")

        said = rotate(monkeypatch, "msg91", "stage", "--dry-run", stdin=NEW["msg91"])

        assert (said.code, everything(), recorded) == (0, [], [])
        assert len(wire.mock.calls) == 1
        assert "would" in said.out

    def test_the_pepper_makes_its_own(self, wire, monkeypatch):
        said = rotate(monkeypatch, "otp_pepper", "stage")

        secret = encryption.decrypt(ProviderKey.objects.get(state="staged").ciphertext)
        assert len(secret) == 64
        assert secret not in said.out
        assert not wire.mock.calls


class TestBadKeys:
    @pytest.mark.parametrize("provider", PROVIDERS)
    @pytest.mark.parametrize("key", ["", " \t\n", "two words", "ключ", "a\x00b", "x" * 5000])
    def test_no_key_is_refused_unasked(self, provider, key, wire, monkeypatch):
        said = rotate(monkeypatch, provider, "stage", stdin=key)

        assert (said.code, everything(), len(wire.mock.calls)) == (1, [], 0)
        assert said.err.endswith(".")

    @pytest.mark.parametrize(
        ("provider", "key"),
        [
            ("sendgrid", "SG.only-an-id"),
            ("azure_blob", "Eby8vdM02xNOcqFlqUwJPLlmE"),
            ("azure_blob", "AccountName=a;AccountKey=QUFB"),
        ],
    )
    def test_a_truncated_key_is_refused_unasked(self, provider, key, wire, monkeypatch):
        said = rotate(monkeypatch, provider, "stage", stdin=key)

        assert (said.code, everything(), len(wire.mock.calls)) == (1, [], 0)
        assert key not in said.err

    def test_a_key_that_the_provider_refuses_changes_nothing(self, wire, monkeypatch, settings):
        """A wrong key never becomes the active one: it is not even staged."""
        wire.mock.get(f"{settings.SENDGRID_BASE_URL}/v3/scopes", status=401, json={"errors": []})

        said = rotate(monkeypatch, "sendgrid", "stage", stdin=NEW["sendgrid"])

        assert (said.code, everything()) == (1, [])
        assert said.err == "SendGrid refuses this key (401). Nothing was changed."
        assert rotate(monkeypatch, "sendgrid", "activate").code == 0
        assert everything() == []

    @pytest.mark.parametrize("variable", ["", "NOT_SET_AT_ALL"])
    def test_a_variable_that_is_not_set(self, variable, monkeypatch):
        assert rotate(monkeypatch, "msg91", "stage", "--from-env", variable).code == 1

    def test_a_terminal_is_not_asked(self, monkeypatch):
        monkeypatch.setattr("sys.stdin", Terminal())
        with pytest.raises(CommandError, match="Give the new key on stdin"):
            call_command("rotate_key", "msg91", "stage")


class Terminal:
    def isatty(self) -> bool:
        return True
