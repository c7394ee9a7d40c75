"""What ``rotate_key`` refuses, and what a step that fails or is killed leaves behind."""

from __future__ import annotations

import pytest
from django.db import InternalError, OperationalError, connection

from integrations.signals import ops_action

from .rotating import NEW, everything, fingerprint, rotate, states, takes

pytestmark = pytest.mark.django_db


class TestRefusals:
    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            ([], "Name a provider: msg91, sendgrid, azure_blob, otp_pepper, encryption."),
            (["twilio", "stage"], "Name a provider"),
            (["msg91"], "Name a step: stage, activate, retire, list."),
            (["msg91", "delete"], "Name a step"),
            (["msg91", "activate", "--from-env", "X"], "--from-env goes with stage only."),
            (["msg91", "activate", "--json"], "--json goes with list only."),
        ],
    )
    def test_a_wrong_call(self, arguments, sentence, monkeypatch):
        said = rotate(monkeypatch, *arguments)

        assert said.code == 1
        assert sentence in said.err

    @pytest.mark.parametrize("keys", [[], ["no-fernet-key"]])
    @pytest.mark.parametrize("provider", ["msg91", "otp_pepper", "encryption"])
    def test_no_usable_encryption_key(self, provider, keys, wire, monkeypatch, settings):
        takes(wire, "msg91")
        settings.KEY_ENCRYPTION_KEYS = keys

        said = rotate(monkeypatch, provider, "stage", stdin=NEW["msg91"])

        assert (said.code, everything(), len(wire.mock.calls)) == (1, [], 0)
        assert "KEY_ENCRYPTION_KEYS" in said.err
        assert "no-fernet-key" not in said.err

    def test_without_a_key_in_the_environment_the_first_one_is_brought_in(
        self, wire, monkeypatch, settings
    ):
        takes(wire, "msg91")
        channel = settings.INTEGRATIONS["sms"]
        options = {**channel["OPTIONS"], "keys": ("",)}
        settings.INTEGRATIONS = {**settings.INTEGRATIONS, "sms": {**channel, "OPTIONS": options}}

        for step in ("stage", "activate"):
            assert rotate(monkeypatch, "msg91", step, stdin=NEW["msg91"]).code == 0

        assert states("msg91") == {"active": fingerprint(NEW["msg91"])}

    def test_a_managed_identity_has_no_key(self, monkeypatch, settings):
        blob = settings.INTEGRATIONS["blob"]
        options = {**blob["OPTIONS"], "connection_string": "", "account_url": "https://a.example"}
        settings.INTEGRATIONS = {**settings.INTEGRATIONS, "blob": {**blob, "OPTIONS": options}}

        said = rotate(monkeypatch, "azure_blob", "stage", stdin=NEW["azure_blob"])

        assert said.code == 1
        assert "managed identity" in said.err

    def test_the_cache_is_not_needed(self, wire, monkeypatch, settings):
        takes(wire, "msg91")
        redis = "django.core.cache.backends.redis.RedisCache"
        settings.CACHES = {"default": {"BACKEND": redis, "LOCATION": "redis://127.0.0.1:1"}}

        for step in ("stage", "activate", "retire"):
            assert rotate(monkeypatch, "msg91", step, stdin=NEW["msg91"]).code == 0

        assert states("msg91") == {"active": fingerprint(NEW["msg91"])}

    @pytest.mark.parametrize("step", ["stage", "activate", "retire"])
    @pytest.mark.parametrize("fault", [OperationalError, InternalError])
    def test_a_database_that_takes_no_change(self, step, fault, staged, monkeypatch):
        if step == "retire":
            rotate(monkeypatch, "msg91", "activate")
        before = everything()

        def refuse(execute, sql, *rest):
            if sql.startswith(("INSERT", "UPDATE", "DELETE")):
                raise fault("cannot execute: 'new-msg91-key'")
            return execute(sql, *rest)

        with connection.execute_wrapper(refuse):
            said = rotate(monkeypatch, "msg91", step, stdin="third-key")

        assert (said.code, everything()) == (1, before)
        assert "The database did not take it" in said.err
        assert "new-msg91-key" not in said.err


class TestKilled:
    @pytest.mark.parametrize("step", ["stage", "activate", "retire"])
    @pytest.mark.parametrize("statement", range(1, 5))
    def test_running_it_again_finishes(self, step, statement, wire, monkeypatch):
        """Whichever statement it dies at: nothing is kept, and the same command then ends well."""
        takes(wire, "msg91")
        for done in ("stage", "activate"):
            if done == step:
                break
            rotate(monkeypatch, "msg91", done, stdin=NEW["msg91"])
        before = everything()
        count = 0

        def die(execute, sql, *rest):
            nonlocal count
            if sql.startswith(("INSERT", "UPDATE", "DELETE")):
                count += 1
                if count == statement:
                    raise KeyboardInterrupt
            return execute(sql, *rest)

        with connection.execute_wrapper(die):
            try:
                rotate(monkeypatch, "msg91", step, stdin=NEW["msg91"])
            except KeyboardInterrupt:
                assert everything() == before
        assert rotate(monkeypatch, "msg91", step, stdin=NEW["msg91"]).code == 0
        expected = {"stage": "staged", "activate": "active", "retire": "active"}[step]
        assert states("msg91")[expected] == fingerprint(NEW["msg91"])


def test_the_record_belongs_to_the_step(staged, monkeypatch):
    """A step that cannot be recorded does not happen."""
    before = everything()

    def fail(**kwargs):
        raise OperationalError

    ops_action.connect(fail)
    try:
        assert rotate(monkeypatch, "msg91", "activate").code == 1
    finally:
        ops_action.disconnect(fail)
    assert everything() == before
