"""Which key a process uses: stored or the environment's, fresh within seconds, with a fallback."""

from __future__ import annotations

import time
from datetime import timedelta
from threading import Event, Thread

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from integrations import encryption, gateways, keys
from integrations.models import Alert, GatewayCall, Outcome, ProviderKey

from .rotating import environment_key, fingerprint

pytestmark = pytest.mark.django_db
SMS = "/api/v5/otp"
BAD_KEY = {"type": "error", "message": "Invalid authkey", "code": "201"}
ACCEPTED = {"type": "success", "request_id": "34676b6d426b303131363537"}


def store(state: str, key: str, provider: str = "msg91") -> ProviderKey:
    row = ProviderKey.objects.create(
        provider=provider,
        state=state,
        ciphertext=encryption.encrypt(key),
        fingerprint=fingerprint(key),
        source="rotation",
        created_at=timezone.now() - timedelta(days=1),
    )
    keys.forget()
    return row


def send() -> gateways.SMSReceipt:
    return gateways.send_otp(to="+919800000000", code="123456", reference="otp:test")


def asked_with(wire) -> list[str]:
    return [call.request.headers["authkey"] for call in wire.mock.calls]


@pytest.fixture
def later(monkeypatch):
    """Let so many seconds pass for the keyring."""
    passed = 0.0
    real = time.monotonic

    def pass_(seconds: float) -> None:
        nonlocal passed
        passed += seconds

    monkeypatch.setattr(keys.time, "monotonic", lambda: real() + passed)
    return pass_


@pytest.fixture
def reads():
    """The statements that read the table of keys."""
    seen: list[str] = []

    def note(execute, sql, *rest):
        if "integrations_providerkey" in sql and sql.startswith("SELECT"):
            seen.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        yield seen


class TestWhichKey:
    def test_the_environments_while_none_is_stored(self, wire):
        wire.msg91_accepts()

        send()

        assert asked_with(wire) == [environment_key("msg91")]
        assert GatewayCall.objects.get().key_fingerprint == fingerprint(environment_key("msg91"))

    def test_an_active_one_wins_over_the_environment(self, wire):
        store("active", "stored-key")
        wire.msg91_accepts()

        send()

        assert asked_with(wire) == ["stored-key"]

    def test_a_staged_or_retired_one_does_not(self, wire):
        store("staged", "staged-key")
        store("retired", "retired-key")
        wire.msg91_accepts()

        send()

        assert asked_with(wire) == [environment_key("msg91")]

    def test_links_are_signed_with_the_active_one(self, azurite):
        store("active", "b3RoZXIta2V5", provider="azure_blob")
        before = keys._stored
        now = timezone.now()

        def link() -> str:
            return gateways.issue_blob_sas(
                blob="a", permission="create", now=now, content_type="application/pdf"
            ).url

        signed = link()
        ProviderKey.objects.all().delete()
        keys.forget()

        assert before is None
        assert signed != link()

    def test_one_that_cannot_be_read_gives_way_to_the_environment(self, wire, settings, caplog):
        store("active", "stored-key")
        settings.KEY_ENCRYPTION_KEYS = [encryption.new_key()]
        wire.msg91_accepts()

        send()

        assert asked_with(wire) == [environment_key("msg91")]
        assert "stored key cannot be decrypted" in caplog.text

    def test_a_known_one_goes_on_when_it_cannot_be_read_any_more(self, wire, settings, later):
        """A process that was not restarted with the new encryption key yet."""
        store("active", "stored-key")
        wire.msg91_accepts()
        send()
        settings.KEY_ENCRYPTION_KEYS = [encryption.new_key()]
        later(6)

        send()

        assert asked_with(wire) == ["stored-key"] * 2


class TestReading:
    def test_one_statement_for_many_requests(self, wire, reads):
        keys.forget()
        wire.msg91_accepts()

        for _ in range(5):
            send()
            gateways.peppers()

        assert len(reads) == 1

    def test_a_change_elsewhere_is_used_within_five_seconds(self, wire, later):
        wire.msg91_accepts()
        store("active", "stored-key")
        send()
        ProviderKey.objects.filter(state="active").update(
            ciphertext=encryption.encrypt("changed-key"), fingerprint=fingerprint("changed-key")
        )

        later(5)
        send()

        assert asked_with(wire) == ["stored-key", "changed-key"]

    @pytest.mark.parametrize("known", [True, False])
    def test_without_the_database_the_last_known_go_on(self, known, wire, later):
        store("active", "stored-key")
        if known:
            gateways.peppers()

        def fail(execute, sql, *rest):
            if "providerkey" in sql:
                raise OperationalError
            return execute(sql, *rest)

        wire.msg91_accepts()
        later(6)
        with connection.execute_wrapper(fail):
            send()

        assert asked_with(wire) == ["stored-key" if known else environment_key("msg91")]

    def test_one_reads_the_others_go_on(self, monkeypatch, later):
        """From 3 to 5 seconds old, nobody waits for the one who reads."""
        reading, go_on = Event(), Event()
        real = keys._read

        def slow(**known):
            reading.set()
            go_on.wait(5)
            keys.assume_nothing_stored()
            return real(newer_than=None)

        later(4)
        monkeypatch.setattr(keys, "_read", slow)
        reader = Thread(target=gateways.peppers)
        reader.start()
        assert reading.wait(5)

        started = time.perf_counter()
        gateways.peppers()

        assert time.perf_counter() - started < 1
        go_on.set()
        reader.join()


class TestFallback:
    def test_a_refused_key_is_followed_by_the_previous_in_the_same_attempt(self, wire, caplog):
        store("active", "new-key")
        store("previous", "old-key")
        wire.msg91_answers(json=BAD_KEY)
        wire.msg91_answers(json=ACCEPTED)

        send()

        call = GatewayCall.objects.get()
        assert asked_with(wire) == ["new-key", "old-key"]
        assert (call.outcome, call.key_fingerprint) == (Outcome.ACCEPTED, fingerprint("old-key"))
        assert len(call.attempts) == 1
        assert call.attempts[0]["refusedKey"] == fingerprint("new-key")
        assert "provider refused the key in use" in caplog.text
        assert Alert.objects.get().kind == Alert.Kind.REFUSED_BY_PROVIDER
        assert "new-key" not in caplog.text

    def test_a_staged_key_stands_in_for_one_that_died_too_early(self, wire):
        store("active", "new-key")
        store("staged", "next-key")
        wire.msg91_answers(json=BAD_KEY)
        wire.msg91_answers(json=ACCEPTED)

        send()

        assert asked_with(wire) == ["new-key", "next-key"]

    def test_both_refused_is_one_refusal(self, wire):
        store("active", "new-key")
        store("previous", "old-key")
        wire.msg91_answers(json=BAD_KEY)

        with pytest.raises(gateways.GatewayAuthFailed):
            send()

        assert asked_with(wire) == ["new-key", "old-key"]
        assert GatewayCall.objects.get().outcome == Outcome.REJECTED

    def test_a_retry_begins_with_the_key_that_was_not_refused(self, wire):
        store("active", "new-key")
        store("previous", "old-key")
        wire.msg91_answers(json=BAD_KEY)
        wire.msg91_answers(status=500)
        wire.msg91_answers(json=ACCEPTED)

        send()

        assert asked_with(wire) == ["new-key", "old-key", "old-key"]
        first, second = GatewayCall.objects.get().attempts
        assert "refusedKey" in first
        assert "refusedKey" not in second

    def test_nothing_else_is_asked_twice(self, wire):
        store("active", "new-key")
        store("previous", "old-key")
        wire.msg91_answers(json={"type": "error", "message": "Insufficient balance", "code": "301"})

        with pytest.raises(gateways.GatewayRejected):
            send()

        assert asked_with(wire) == ["new-key"]

    def test_the_environment_alone_has_none(self, wire):
        wire.msg91_answers(json=BAD_KEY)

        with pytest.raises(gateways.GatewayAuthFailed):
            send()

        assert len(wire.mock.calls) == 1

    def test_mail_and_storage_fall_back_too(self, wire, settings):
        for provider, key in (("sendgrid", "SG.{}.key"), ("azure_blob", "{}aKeyKeyKeyKey")):
            store("active", key.format("new"), provider=provider)
            store("previous", key.format("old"), provider=provider)
        wire.sendgrid_answers(status=401, json={"errors": []})
        wire.sendgrid_accepts()
        blob = "http://127.0.0.1:10000/devstoreaccount1/docs/a.pdf"
        wire.mock.delete(blob, status=403, headers={"x-ms-error-code": "AuthenticationFailed"})
        wire.mock.delete(blob, status=202)

        gateways.send_email(
            mail=gateways.OutgoingMail(
                to="a@solarium.example", subject="s", text="t", html="", kind="k", reference="r"
            )
        )
        gateways.delete_blob(blob="a.pdf", reference="r")

        assert {call.outcome for call in GatewayCall.objects.all()} == {Outcome.ACCEPTED}
        assert {call.key_fingerprint for call in GatewayCall.objects.all()} == {
            fingerprint("SG.old.key"),
            fingerprint("oldaKeyKeyKeyKey"),
        }


class TestPeppers:
    def test_stored_ones_come_first_then_the_environments(self, settings):
        settings.OTP_PEPPERS = ["env-new", "env-old"]
        assert gateways.peppers() == ["env-new", "env-old"]

        store("active", "stored-new", provider="otp_pepper")
        store("previous", "env-new", provider="otp_pepper")
        assert gateways.peppers() == ["stored-new", "env-new", "env-old"]

    def test_a_retired_one_is_gone_though_the_environment_holds_it(self, settings):
        settings.OTP_PEPPERS = ["env"]
        store("active", "stored", provider="otp_pepper")
        row = store("retired", "env", provider="otp_pepper")
        ProviderKey.objects.filter(pk=row.pk).update(ciphertext="")
        keys.forget()

        assert gateways.peppers() == ["stored"]

    def test_an_unknown_one_is_looked_for_at_once(self, reads):
        gateways.peppers()
        row = store("active", "stored", provider="otp_pepper")
        keys.assume_nothing_stored()

        assert "stored" not in gateways.peppers()
        assert gateways.peppers(reread=True)[0] == "stored"
        assert row.pk


class TestLastUse:
    def test_is_written_beside_a_read_and_once_a_minute(self, wire, later):
        row = store("active", "stored-key")
        wire.msg91_accepts()
        send()
        later(61)

        send()
        row.refresh_from_db()
        first = row.last_used_at
        later(6)
        send()

        row.refresh_from_db()
        assert first is not None
        assert row.last_used_at == first

    @pytest.mark.django_db(transaction=True)
    def test_a_read_only_database_is_no_matter(self, wire, later):
        store("active", "stored-key")
        wire.msg91_accepts()
        send()
        later(61)

        def refuse(execute, sql, *rest):
            if sql.startswith("UPDATE") and "providerkey" in sql:
                raise OperationalError
            return execute(sql, *rest)

        with connection.execute_wrapper(refuse):
            send()

        assert asked_with(wire) == ["stored-key"] * 2


def test_no_repr_shows_a_key():
    store("active", "stored-key")
    gateways.peppers()

    assert "stored-key" not in repr(keys._stored)
