"""The key that stored keys are encrypted with is changed like the others."""

from __future__ import annotations

import pytest

from integrations import encryption, keys
from integrations.models import ProviderKey

from .rotating import NEW, everything, fingerprint, rotate, states, takes

pytestmark = pytest.mark.django_db


@pytest.fixture
def old(settings):
    """The encryption key of the beginning."""
    settings.KEY_ENCRYPTION_KEYS = [encryption.new_key()]
    return settings.KEY_ENCRYPTION_KEYS[0]


@pytest.fixture
def stored(old, wire, monkeypatch):
    takes(wire, "msg91")
    rotate(monkeypatch, "msg91", "stage", stdin=NEW["msg91"])


def stage(monkeypatch) -> str:
    said = rotate(monkeypatch, "encryption", "stage")
    assert said.code == 0
    return said.out.splitlines()[-1]


def secrets() -> list[str | None]:
    rows = ProviderKey.objects.exclude(ciphertext="").order_by("pk")
    return [encryption.decrypt(row.ciphertext) for row in rows]


def test_all_rows_move_to_the_new_key(stored, old, monkeypatch, settings):
    before = secrets()
    new = stage(monkeypatch)
    assert states("encryption") == {"active": fingerprint(old), "staged": fingerprint(new)}
    settings.KEY_ENCRYPTION_KEYS = [new, old]

    assert rotate(monkeypatch, "encryption", "activate").code == 0
    assert states("encryption") == {"active": fingerprint(new), "previous": fingerprint(old)}
    assert rotate(monkeypatch, "encryption", "retire").code == 0

    settings.KEY_ENCRYPTION_KEYS = [new]
    assert secrets() == before
    assert None not in before


def test_the_new_key_is_shown_once_and_kept_nowhere(stored, monkeypatch, caplog):
    caplog.set_level("DEBUG")

    new = stage(monkeypatch)

    assert encryption.is_key(new)
    assert new not in caplog.text
    assert new not in str(everything())
    assert new not in rotate(monkeypatch, "encryption", "list").out


@pytest.mark.parametrize("order", ["not there", "last"])
def test_a_staged_key_that_does_not_stand_first_is_refused(
    order, stored, old, monkeypatch, settings
):
    new = stage(monkeypatch)
    if order == "last":
        settings.KEY_ENCRYPTION_KEYS = [old, new]
    before = everything()

    said = rotate(monkeypatch, "encryption", "activate")

    assert (said.code, everything()) == (1, before)
    assert "does not stand first" in said.err


def test_retire_is_refused_while_a_row_needs_the_old_key(stored, old, monkeypatch, settings):
    new = stage(monkeypatch)
    settings.KEY_ENCRYPTION_KEYS = [new, old]
    rotate(monkeypatch, "encryption", "activate")
    settings.KEY_ENCRYPTION_KEYS = [old, new]  # a server that is not up to date stores a key
    rotate(monkeypatch, "msg91", "stage", stdin="third-key")
    settings.KEY_ENCRYPTION_KEYS = [new, old]

    refused = rotate(monkeypatch, "encryption", "retire")

    assert refused.code == 1
    assert "1 stored keys still need an older key" in refused.err
    assert rotate(monkeypatch, "encryption", "activate").code == 0
    assert rotate(monkeypatch, "encryption", "retire").code == 0
    assert list(states("encryption")) == ["active"]


def test_a_row_that_cannot_be_read_stops_it_whole(stored, old, monkeypatch, settings):
    new = stage(monkeypatch)
    settings.KEY_ENCRYPTION_KEYS = [new]
    before = everything()

    said = rotate(monkeypatch, "encryption", "activate")

    assert (said.code, everything()) == (1, before)
    assert "cannot be read" in said.err


@pytest.mark.parametrize("step", ["stage", "activate", "retire"])
def test_a_dry_run_changes_nothing(step, stored, old, monkeypatch, settings):
    if step != "stage":
        settings.KEY_ENCRYPTION_KEYS = [stage(monkeypatch), old]
    if step == "retire":
        rotate(monkeypatch, "encryption", "activate")
    before = everything()

    said = rotate(monkeypatch, "encryption", step, "--dry-run")

    assert (said.code, everything()) == (0, before)
    assert "would" in said.out
    keys.forget()
