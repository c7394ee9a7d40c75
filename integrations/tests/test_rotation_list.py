"""``rotate_key list``: the keys as ops may see them."""

from __future__ import annotations

import json

import pytest

from .keyring import send
from .rotating import NEW, PROVIDERS, environment_key, fingerprint, rotate

pytestmark = pytest.mark.django_db


FIELDS = ["fingerprint", "state", "source", "createdAt", "activatedAt", "lastUsedAt"]


def listed(monkeypatch, provider="msg91"):
    said = rotate(monkeypatch, provider, "list", "--json")
    assert said.code == 0
    return json.loads(said.out)


@pytest.mark.parametrize("provider", [*PROVIDERS, "otp_pepper", "encryption"])
def test_before_any_rotation_it_is_the_environments(provider, monkeypatch):
    (only,) = listed(monkeypatch, provider)

    assert list(only) == FIELDS
    assert (only["state"], only["source"]) == ("active", "environment")
    assert only["createdAt"] is None


def test_all_states_with_their_times(staged, wire, monkeypatch):
    wire.msg91_accepts()
    send()
    rotate(monkeypatch, "msg91", "activate")
    rotate(monkeypatch, "msg91", "stage", stdin="third-key")
    rotate(monkeypatch, "msg91", "retire")

    found = listed(monkeypatch)

    assert [(each["fingerprint"], each["state"], each["source"]) for each in found] == [
        (fingerprint(NEW["msg91"]), "active", "rotation"),
        (fingerprint("third-key"), "staged", "rotation"),
        (fingerprint(environment_key("msg91")), "retired", "environment"),
    ]
    assert found[0]["activatedAt"].endswith("Z")
    assert found[0]["lastUsedAt"] is None
    assert found[2]["lastUsedAt"] is not None


def test_for_people(staged, monkeypatch):
    lines = rotate(monkeypatch, "msg91", "list").out.splitlines()

    assert len(lines) == 2
    assert lines[0].startswith(f"{fingerprint(environment_key('msg91'))}  active")
    assert "0 days old" in lines[0]
