"""Requests made up from the OpenAPI description, as five callers (CONTRIBUTING.md)."""

from __future__ import annotations

from typing import Any

import pytest

from solarium.tests.fuzz.described import EXCLUDED, load
from solarium.tests.fuzz.undone import Undone
from solarium.tests.fuzz.world import CALLERS, Fuzzed

pytestmark = pytest.mark.postgres


@pytest.mark.parametrize("caller", ["anonymous"])
@load(invents_tokens=True).parametrize()
def test_a_stranger_does_not_break_the_contract(case: Any, fuzzed: Fuzzed, caller: str) -> None:
    with Undone():
        fuzzed.aim(case)
        case.call_and_validate(excluded_checks=EXCLUDED)


@pytest.mark.parametrize("caller", CALLERS)
@load(invents_tokens=False).parametrize()
def test_a_caller_does_not_break_the_contract(case: Any, fuzzed: Fuzzed, caller: str) -> None:
    with Undone():
        fuzzed.aim(case)
        case.call_and_validate(headers=fuzzed.token_header(), excluded_checks=EXCLUDED)
