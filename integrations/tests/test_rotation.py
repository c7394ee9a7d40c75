"""Staging, activating and retiring keys: what is stored, what is used, what is refused."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import InternalError, OperationalError, connection, transaction
from django.utils import timezone

from integrations import encryption, gateways, key_rows
from integrations.models import GatewayCall, ProviderKey
from integrations.signals import ops_action

from .rotating import NEW, environment_key, everything, fingerprint, rotate, states, takes

pytestmark = pytest.mark.django_db
PROVIDERS = ["msg91", "sendgrid", "azure_blob"]


@pytest.fixture
def recorded():
    """What was sent to be recorded as a security event."""
    seen: list[tuple[str, str]] = []

    def note(*, kind, detail, **kwargs):
        seen.append((kind, detail))

    ops_action.connect(note)
    yield seen
    ops_action.disconnect(note)


@pytest.fixture
def staged(wire, monkeypatch):
    """MSG91 with a new key staged."""
    takes(wire, "msg91")
    assert rotate(monkeypatch, "msg91", "stage", stdin=NEW["msg91"]).code == 0


def send() -> None:
    gateways.send_otp(to="+919800000000", code="123456", reference="otp:test")


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


class TestActivate:
    def test_the_new_key_is_used_at_once_here_and_the_old_one_kept(
        self, staged, wire, monkeypatch, recorded
    ):
        wire.msg91_accepts()

        said = rotate(monkeypatch, "msg91", "activate")
        send()

        assert said.code == 0
        assert states("msg91") == {
            "active": fingerprint(NEW["msg91"]),
            "previous": fingerprint(environment_key("msg91")),
        }
        assert wire.mock.calls[-1].request.headers["authkey"] == NEW["msg91"]
        assert GatewayCall.objects.get().key_fingerprint == fingerprint(NEW["msg91"])
        assert recorded == [("key_rotation", f"msg91 activate {fingerprint(NEW['msg91'])}")]

    @pytest.mark.parametrize("provider", [*PROVIDERS, "otp_pepper", "encryption"])
    def test_nothing_staged_changes_nothing(self, provider, monkeypatch, recorded):
        said = rotate(monkeypatch, provider, "activate")

        assert (said.code, everything(), recorded) == (0, [], [])
        assert "nothing is staged" in said.out

    def test_again_changes_nothing(self, staged, monkeypatch):
        rotate(monkeypatch, "msg91", "activate")
        before = everything()

        assert rotate(monkeypatch, "msg91", "activate").code == 0
        assert everything() == before

    def test_a_dry_run_changes_nothing(self, staged, monkeypatch):
        before = everything()

        assert rotate(monkeypatch, "msg91", "activate", "--dry-run").code == 0
        assert everything() == before

    def test_a_key_that_was_refused_meanwhile_does_not_become_active(
        self, staged, wire, monkeypatch, settings
    ):
        before = everything()
        wire.mock.reset()
        refusal = {"status": "fail", "hasError": True, "errors": "Unauthorized", "apiError": "201"}
        url = f"{settings.MSG91_BASE_URL}/api/v5/sms/getTemplateVersions"
        wire.mock.post(url, status=401, json=refusal)

        assert rotate(monkeypatch, "msg91", "activate").code == 1
        assert everything() == before

    def test_a_key_that_cannot_be_read_does_not_become_active(self, staged, monkeypatch, settings):
        before = everything()
        settings.KEY_ENCRYPTION_KEYS = [encryption.new_key()]

        said = rotate(monkeypatch, "msg91", "activate")

        assert said.code == 1
        assert "cannot be read with KEY_ENCRYPTION_KEYS" in said.err
        assert everything() == before

    def test_twice_without_retire_drops_the_oldest(self, staged, wire, monkeypatch):
        rotate(monkeypatch, "msg91", "activate")
        rotate(monkeypatch, "msg91", "stage", stdin="third-key")

        assert rotate(monkeypatch, "msg91", "activate").code == 0

        assert states("msg91") == {
            "active": fingerprint("third-key"),
            "previous": fingerprint(NEW["msg91"]),
        }
        assert ProviderKey.objects.get(state="retired").ciphertext == ""


class TestRetire:
    def test_the_old_key_goes_with_its_secret(self, staged, monkeypatch, recorded):
        rotate(monkeypatch, "msg91", "activate")

        assert rotate(monkeypatch, "msg91", "retire").code == 0

        assert states("msg91") == {"active": fingerprint(NEW["msg91"])}
        gone = ProviderKey.objects.get(state="retired")
        assert (gone.fingerprint, gone.ciphertext) == (fingerprint(environment_key("msg91")), "")
        assert recorded[-1] == ("key_rotation", f"msg91 retire {gone.fingerprint}")
        assert rotate(monkeypatch, "msg91", "retire").code == 0

    @pytest.mark.parametrize(("provider", "minutes"), [("azure_blob", 45), ("otp_pepper", 2)])
    def test_too_early_is_refused(self, provider, minutes, wire, monkeypatch, time_machine):
        takes(wire, "azure_blob")
        time_machine.move_to("2026-11-24T10:00:00Z", tick=False)
        for step in ("stage", "activate"):
            assert rotate(monkeypatch, provider, step, stdin=NEW["azure_blob"]).code == 0
        before = everything()
        time_machine.shift(timedelta(minutes=minutes, seconds=-1))

        refused = rotate(monkeypatch, provider, "retire")

        assert (refused.code, everything()) == (1, before)
        assert f"until 2026-11-24 10:{minutes:02}:00 UTC" in refused.err
        time_machine.shift(timedelta(seconds=1))
        assert rotate(monkeypatch, provider, "retire").code == 0
        assert list(states(provider)) == ["active"]

    def test_nor_may_the_next_activation_drop_it(self, monkeypatch):
        for step in ("stage", "activate", "stage"):
            assert rotate(monkeypatch, "otp_pepper", step).code == 0
        before = everything()

        assert rotate(monkeypatch, "otp_pepper", "activate").code == 1
        assert everything() == before


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


def test_rows_that_changed_meanwhile_are_left_alone(staged, monkeypatch):
    found = key_rows.rows("msg91")
    rotate(monkeypatch, "msg91", "activate")
    before = everything()

    with pytest.raises(key_rows.RotationRefused), transaction.atomic():
        key_rows.make_current(found, now=timezone.now())

    assert everything() == before


class TestList:
    FIELDS = ["fingerprint", "state", "source", "createdAt", "activatedAt", "lastUsedAt"]

    def listed(self, monkeypatch, provider="msg91"):
        said = rotate(monkeypatch, provider, "list", "--json")
        assert said.code == 0
        return json.loads(said.out)

    @pytest.mark.parametrize("provider", [*PROVIDERS, "otp_pepper", "encryption"])
    def test_before_any_rotation_it_is_the_environments(self, provider, monkeypatch):
        (only,) = self.listed(monkeypatch, provider)

        assert list(only) == self.FIELDS
        assert (only["state"], only["source"]) == ("active", "environment")
        assert only["createdAt"] is None

    def test_all_states_with_their_times(self, staged, wire, monkeypatch):
        wire.msg91_accepts()
        send()
        rotate(monkeypatch, "msg91", "activate")
        rotate(monkeypatch, "msg91", "stage", stdin="third-key")
        rotate(monkeypatch, "msg91", "retire")

        found = self.listed(monkeypatch)

        assert [(each["fingerprint"], each["state"], each["source"]) for each in found] == [
            (fingerprint(NEW["msg91"]), "active", "rotation"),
            (fingerprint("third-key"), "staged", "rotation"),
            (fingerprint(environment_key("msg91")), "retired", "environment"),
        ]
        assert found[0]["activatedAt"].endswith("Z")
        assert found[0]["lastUsedAt"] is None
        assert found[2]["lastUsedAt"] is not None

    def test_for_people(self, staged, monkeypatch):
        lines = rotate(monkeypatch, "msg91", "list").out.splitlines()

        assert len(lines) == 2
        assert lines[0].startswith(f"{fingerprint(environment_key('msg91'))}  active")
        assert "0 days old" in lines[0]


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
