"""A key that the provider refuses, and the one that asks instead."""

from __future__ import annotations

import pytest

from integrations import gateways
from integrations.models import Alert, GatewayCall, Outcome

from .keyring import BAD_KEY, asked_with, send, store
from .rotating import fingerprint

pytestmark = pytest.mark.django_db
ACCEPTED = {"type": "success", "request_id": "34676b6d426b303131363537"}


def test_a_refused_key_is_followed_by_the_previous_in_the_same_attempt(wire, caplog):
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


def test_a_staged_key_stands_in_for_one_that_died_too_early(wire):
    store("active", "new-key")
    store("staged", "next-key")
    wire.msg91_answers(json=BAD_KEY)
    wire.msg91_answers(json=ACCEPTED)

    send()

    assert asked_with(wire) == ["new-key", "next-key"]


def test_both_refused_is_one_refusal(wire):
    store("active", "new-key")
    store("previous", "old-key")
    wire.msg91_answers(json=BAD_KEY)

    with pytest.raises(gateways.GatewayAuthFailed):
        send()

    assert asked_with(wire) == ["new-key", "old-key"]
    assert GatewayCall.objects.get().outcome == Outcome.REJECTED


def test_a_retry_begins_with_the_key_that_was_not_refused(wire):
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


def test_nothing_else_is_asked_twice(wire):
    store("active", "new-key")
    store("previous", "old-key")
    wire.msg91_answers(json={"type": "error", "message": "Insufficient balance", "code": "301"})

    with pytest.raises(gateways.GatewayRejected):
        send()

    assert asked_with(wire) == ["new-key"]


def test_the_environment_alone_has_none(wire):
    wire.msg91_answers(json=BAD_KEY)

    with pytest.raises(gateways.GatewayAuthFailed):
        send()

    assert len(wire.mock.calls) == 1


def test_mail_and_storage_fall_back_too(wire, settings):
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
