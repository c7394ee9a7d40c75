"""Each fault of each provider, in a system that runs: as `docs/rehearsals` shows them at length."""

from __future__ import annotations

import signal

import pytest

from sandbox.rehearsal import expected
from solarium.tests.servers.nodes import START_SECONDS, wait_until

from .systems import System

pytestmark = [pytest.mark.slow, pytest.mark.postgres]

ALWAYS = {"answers", "others_went_on", "nothing_else", "breaker", "arrived"}
WITH_ALERT = {"alert", "recovery", "waiting"}
HANGING = {"timeout", "drip"}
# A median of four calls says nothing where other tests run beside this one.
SLOW_MACHINE = {"others_kept_pace"}


def unmet(system: System, provider: str, fault: str, *, times: int = 1) -> list[str]:
    """Rehearse one outage, so many times as long; return what was not as it must be."""
    wanted = expected.expect(provider=provider, fault=fault)
    assert wanted
    lasts = 1.0
    if wanted.opens_breaker:  # five attempts must fail meanwhile
        lasts = 3.4 if fault in HANGING else 2.4
    ended = system.rehearse(
        provider, fault, **{"for": f"{times * lasts:.1f}s", "recovery": f"{times * 4}s"}
    )
    needed = ALWAYS | (WITH_ALERT if wanted.alert else set())
    wrong = [each for name, each in ended.wrong.items() if name not in SLOW_MACHINE]
    wrong += [
        f"{name} was not seen: {ended.progress}" for name in needed if ended.checks[name] is None
    ]
    if not (system.reports / f"{provider}-{fault}.svg").exists():
        wrong.append("there is no picture")
    return wrong


@pytest.mark.parametrize("provider", expected.rehearsed())
def test_every_outage_is_as_it_must_be(system: System, provider: str) -> None:
    faults = expected.rehearsed()[provider]
    assert len(faults) >= 7

    # Waits are short here, and other tests keep the machine busy: what is wrong is so at leisure.
    found = {
        fault: unmet(system, provider, fault) and unmet(system, provider, fault, times=5)
        for fault in faults
    }

    assert not {fault: wrong for fault, wrong in found.items() if wrong}


def test_a_rehearsal_can_fail(system: System) -> None:
    """One backend that uses other words and keeps its alerts to itself is found out."""
    wrong = system.beside(
        DJANGO_SETTINGS_MODULE="solarium.tests.rehearsals.wrong_settings",
        ALERT_FAILURES_PER_MINUTE="1000",
    )

    ended = system.rehearse("msg91", "429", backend=wrong, **{"for": "6.5s"})

    assert ended.refusal == "Something was not as it must be."
    assert "Unable to send OTP. Sorry." in ended.wrong["answers"]
    assert "No alert came" in ended.wrong["alert"]


def test_who_stops_a_rehearsal_leaves_no_fault_and_no_account(system: System) -> None:
    orders = system.msg91.faults.orders
    with system.rehearsing(*system.words("msg91", "500", **{"for": "60s"})) as process:
        assert wait_until(lambda: "msg91" in orders, seconds=START_SECONDS)
        assert system.staff()

        process.send_signal(signal.SIGINT)

        assert process.wait(timeout=START_SECONDS) == 1
    assert not orders
    assert system.staff() == 0
