"""An app as the tests see it: asks for codes, tries them, keeps its proof."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from rest_framework.test import APIClient

PHONE = "+919876543210"
OTHER = "+919812345678"
START = datetime(2026, 11, 24, 12, tzinfo=UTC)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


class Asker:
    """One caller with an address of its own; ``proof`` is the last that it was given."""

    def __init__(self, wire: Any, *, address: str, phone: str = PHONE, proof: str = "") -> None:
        self.wire, self.phone, self.proof = wire, phone, proof
        self.client = APIClient(REMOTE_ADDR=address)
        self.client.default_format = "json"
        self.challenge_id = self.code = ""

    def post(self, path: str, body: dict[str, str]) -> Any:
        headers = {"X-Install-Proof": self.proof} if self.proof else {}
        return self.client.post(f"/integrations/{path}", body, headers=headers)

    def send(self) -> Any:
        answer = self.post("sendOTP", {"phone": self.phone, "app": "CUSTAP"})
        if answer.status_code == 200:
            self.challenge_id, self.code = answer.json()["challengeId"], self.wire.codes()[-1]
        return answer

    def verify(self, code: str | None = None, *, challenge_id: str = "") -> Any:
        body = {"challengeId": challenge_id or self.challenge_id, "otp": code or self.code}
        answer = self.post("verifyOTP", body)
        if answer.status_code == 200:
            self.proof = answer.json()["installProof"]
        return answer

    def guess(self, times: int) -> list[Any]:
        """Ask for codes and type wrong ones, five a code."""
        answers = []
        for number in range(times):
            if number % 5 == 0:
                assert self.send().status_code == 200
            answers.append(self.verify(wrong(self.code)))
        return answers


def verdict(answer: Any) -> tuple[int, str | None]:
    return answer.status_code, answer.json().get("code")
