"""A phone's owner, who has a proof, and a stranger who has none."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from otp.tests.asking import START, Asker


@pytest.fixture
def clock(wire):
    """Stands still at `START`, while the provider accepts everything."""
    wire.msg91_accepts()
    with time_machine.travel(START, tick=False) as clock:
        yield clock


@pytest.fixture
def owner(wire, clock):
    """The phone's owner, who logged in once, two days ago."""
    owner = Asker(wire, address="192.0.2.1")
    with time_machine.travel(START - timedelta(days=2), tick=False):
        owner.send()
        assert owner.verify().status_code == 200
    return owner


@pytest.fixture
def stranger(wire, clock):
    return Asker(wire, address="198.51.100.7")
