"""Which key a call asks with: a stored one, else the environment's."""

from __future__ import annotations

import pytest
from django.utils import timezone

from integrations import encryption, gateways, keys
from integrations.models import GatewayCall, ProviderKey

from .keyring import asked_with, send, store
from .rotating import environment_key, fingerprint

pytestmark = pytest.mark.django_db


def test_the_environments_while_none_is_stored(wire):
    wire.msg91_accepts()

    send()

    assert asked_with(wire) == [environment_key("msg91")]
    assert GatewayCall.objects.get().key_fingerprint == fingerprint(environment_key("msg91"))


def test_an_active_one_wins_over_the_environment(wire):
    store("active", "stored-key")
    wire.msg91_accepts()

    send()

    assert asked_with(wire) == ["stored-key"]


def test_a_staged_or_retired_one_does_not(wire):
    store("staged", "staged-key")
    store("retired", "retired-key")
    wire.msg91_accepts()

    send()

    assert asked_with(wire) == [environment_key("msg91")]


def test_links_are_signed_with_the_active_one(azurite):
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


def test_one_that_cannot_be_read_gives_way_to_the_environment(wire, settings, caplog):
    store("active", "stored-key")
    settings.KEY_ENCRYPTION_KEYS = [encryption.new_key()]
    wire.msg91_accepts()

    send()

    assert asked_with(wire) == [environment_key("msg91")]
    assert "stored key cannot be decrypted" in caplog.text


def test_no_repr_shows_a_key():
    store("active", "stored-key")
    gateways.peppers()

    assert "stored-key" not in repr(keys._stored)
