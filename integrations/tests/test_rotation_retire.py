"""Retiring the old key: its secret goes, and not while something made with it is out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from integrations.models import ProviderKey

from .rotating import NEW, environment_key, everything, fingerprint, rotate, states, takes

pytestmark = pytest.mark.django_db


def test_the_old_key_goes_with_its_secret(staged, monkeypatch, recorded):
    rotate(monkeypatch, "msg91", "activate")

    assert rotate(monkeypatch, "msg91", "retire").code == 0

    assert states("msg91") == {"active": fingerprint(NEW["msg91"])}
    gone = ProviderKey.objects.get(state="retired")
    assert (gone.fingerprint, gone.ciphertext) == (fingerprint(environment_key("msg91")), "")
    assert recorded[-1] == ("key_rotation", f"msg91 retire {gone.fingerprint}")
    assert rotate(monkeypatch, "msg91", "retire").code == 0


@pytest.mark.parametrize(("provider", "minutes"), [("azure_blob", 45), ("otp_pepper", 2)])
def test_too_early_is_refused(provider, minutes, wire, monkeypatch, time_machine):
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


def test_nor_may_the_next_activation_drop_it(monkeypatch):
    for step in ("stage", "activate", "stage"):
        assert rotate(monkeypatch, "otp_pepper", step).code == 0
    before = everything()

    assert rotate(monkeypatch, "otp_pepper", "activate").code == 1
    assert everything() == before
