"""Fixtures for apps that stand on this one: providers answered at the wire."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import responses
from django.conf import settings


class Wire:
    """What the providers answer, and what went out to them."""

    def __init__(self, mock: responses.RequestsMock) -> None:
        self.mock = mock

    def msg91_accepts(self) -> None:
        """Answer every SMS with MSG91's yes."""
        self.mock.post(
            f"{settings.MSG91_BASE_URL}/api/v5/otp",
            json={"type": "success", "request_id": "34676b6d426b303131363537"},
        )

    def msg91_answers(self, **answer: Any) -> None:
        """Add one answer: ``status=``, ``json=``, ``body=``, ``headers=``."""
        self.mock.post(f"{settings.MSG91_BASE_URL}/api/v5/otp", **answer)

    def sendgrid_accepts(self) -> None:
        """Answer every mail with SendGrid's yes."""
        self.sendgrid_answers(status=202, headers={"X-Message-Id": "Ua9z9lSTSaqYBWJe_Xfc-Q"})

    def sendgrid_answers(self, **answer: Any) -> None:
        """Add one answer: ``status=``, ``json=``, ``body=``, ``headers=``."""
        self.mock.post(f"{settings.SENDGRID_BASE_URL}/v3/mail/send", **answer)

    def bodies(self) -> list[dict[str, Any]]:
        """Return the JSON bodies that went out, oldest first."""
        return [json.loads(call.request.body or "{}") for call in self.mock.calls]

    def codes(self) -> list[str]:
        """Return the codes that went out, oldest first."""
        return [body["otp"] for body in self.bodies() if "otp" in body]


@pytest.fixture
def wire() -> Iterator[Wire]:
    """The providers, faked at the wire; nothing is answered until a test says what."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield Wire(mock)
