"""Fixtures of the tests of alerts and of key rotation."""

from __future__ import annotations

import pytest

from integrations.signals import ops_action

from .rotating import NEW, rotate, takes


@pytest.fixture
def told(monkeypatch):
    """What ops were told: provider, kind, state, text."""
    seen: list[dict[str, str]] = []
    monkeypatch.setattr("integrations.alert_sinks.tell", lambda **notice: seen.append(notice))
    return seen


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
