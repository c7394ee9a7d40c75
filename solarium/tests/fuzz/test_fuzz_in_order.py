"""Made-up requests that follow each other: what one answers, the next one asks for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings

from solarium.tests.fuzz.described import EXCLUDED, load
from solarium.tests.fuzz.undone import Undone
from solarium.tests.fuzz.world import CALLERS, Fuzzed

pytestmark = pytest.mark.postgres


@pytest.mark.parametrize("caller", CALLERS)
def test_a_caller_does_not_break_the_contract_in_any_order(fuzzed: Fuzzed, caller: str) -> None:
    class Walk(load(invents_tokens=False).as_state_machine()):  # type: ignore[misc]
        def setup(self) -> None:
            self.undone = Undone()
            self.undone.__enter__()

        def teardown(self) -> None:
            self.undone.__exit__(None, None, None)

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": fuzzed.token_header()}

        def validate_response(self, response: Any, case: Any, **more: Any) -> None:
            case.validate_response(
                response,
                excluded_checks=EXCLUDED,
                headers=more.get("headers"),
                transport_kwargs=more,
                recorder=self.recorder,
            )

    walks = max(settings.default.max_examples // 20, 1)
    Walk.run(settings=settings(settings.default, max_examples=walks, stateful_step_count=15))
