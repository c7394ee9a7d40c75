"""Activating a staged key: it is used at once, the old one kept to fall back to."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.utils import timezone

from integrations import encryption, key_rows
from integrations.models import GatewayCall, ProviderKey

from .keyring import send
from .rotating import (
    NEW,
    PROVIDERS,
    environment_key,
    everything,
    fingerprint,
    rotate,
    states,
)

pytestmark = pytest.mark.django_db


def test_the_new_key_is_used_at_once_here_and_the_old_one_kept(staged, wire, monkeypatch, recorded):
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
def test_nothing_staged_changes_nothing(provider, monkeypatch, recorded):
    said = rotate(monkeypatch, provider, "activate")

    assert (said.code, everything(), recorded) == (0, [], [])
    assert "nothing is staged" in said.out


def test_again_changes_nothing(staged, monkeypatch):
    rotate(monkeypatch, "msg91", "activate")
    before = everything()

    assert rotate(monkeypatch, "msg91", "activate").code == 0
    assert everything() == before


def test_a_dry_run_changes_nothing(staged, monkeypatch):
    before = everything()

    assert rotate(monkeypatch, "msg91", "activate", "--dry-run").code == 0
    assert everything() == before


def test_a_key_that_was_refused_meanwhile_does_not_become_active(
    staged, wire, monkeypatch, settings
):
    before = everything()
    wire.mock.reset()
    refusal = {"status": "fail", "hasError": True, "errors": "Unauthorized", "apiError": "201"}
    url = f"{settings.MSG91_BASE_URL}/api/v5/sms/getTemplateVersions"
    wire.mock.post(url, status=401, json=refusal)

    assert rotate(monkeypatch, "msg91", "activate").code == 1
    assert everything() == before


def test_a_key_that_cannot_be_read_does_not_become_active(staged, monkeypatch, settings):
    before = everything()
    settings.KEY_ENCRYPTION_KEYS = [encryption.new_key()]

    said = rotate(monkeypatch, "msg91", "activate")

    assert said.code == 1
    assert "cannot be read with KEY_ENCRYPTION_KEYS" in said.err
    assert everything() == before


def test_twice_without_retire_drops_the_oldest(staged, wire, monkeypatch):
    rotate(monkeypatch, "msg91", "activate")
    rotate(monkeypatch, "msg91", "stage", stdin="third-key")

    assert rotate(monkeypatch, "msg91", "activate").code == 0

    assert states("msg91") == {
        "active": fingerprint("third-key"),
        "previous": fingerprint(NEW["msg91"]),
    }
    assert ProviderKey.objects.get(state="retired").ciphertext == ""


def test_rows_that_changed_meanwhile_are_left_alone(staged, monkeypatch):
    found = key_rows.rows("msg91")
    rotate(monkeypatch, "msg91", "activate")
    before = everything()

    with pytest.raises(key_rows.RotationRefused), transaction.atomic():
        key_rows.make_current(found, now=timezone.now())

    assert everything() == before
