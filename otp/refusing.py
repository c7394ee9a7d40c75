"""What callers are told where no code is sent, or none is taken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from api.problems import Problem, gateway_problem
from integrations import gateways

SEND_FAILED: Final = "Unable to send OTP. Please try again."


@dataclass(frozen=True, order=True)
class Refusal:
    """One limit's no: for how many seconds, and how it is answered."""

    wait_seconds: int
    code: str
    detail: str = field(compare=False)

    def problem(self) -> Problem:
        """Return the 429."""
        return Problem(
            status=429, code=self.code, detail=self.detail, retry_after=self.wait_seconds
        )


def longest(refusals: Iterable[Refusal]) -> Problem:
    """Return the answer where several limits refuse: the one with the longest wait speaks."""
    return max(refusals).problem()


def asked_too_often(wait_seconds: int) -> Refusal:
    """An address, a prefix, the minute or the day had their codes."""
    return Refusal(
        wait_seconds,
        code="send_limit_reached",
        detail="Too many codes were asked for. Please try again later.",
    )


def sent_too_often(wait_seconds: int) -> Refusal:
    """A phone, or an install, had its codes."""
    return Refusal(
        wait_seconds,
        code="send_limit_reached",
        detail="Too many codes were sent to this number. Please try again later.",
    )


def sent_just_now(wait_seconds: int) -> Refusal:
    """The pause between two codes runs."""
    return Refusal(
        wait_seconds,
        code="resend_too_soon",
        detail="A code was just sent. Please wait before asking for another.",
    )


def tried_too_often(wait_seconds: int) -> Refusal:
    """An address had its tries."""
    return Refusal(
        wait_seconds,
        code="verify_limit_reached",
        detail="Too many tries. Please try again later.",
    )


def phone_locked(wait_seconds: int) -> Refusal:
    """A phone, or an install, had its wrong codes."""
    return Refusal(
        wait_seconds,
        code="phone_locked",
        detail="Too many wrong codes for this number. Please try again later.",
    )


def tries_used_up(wait_seconds: int) -> Refusal:
    """A challenge had its tries; another code may be asked for after the wait."""
    return Refusal(
        wait_seconds,
        code="otp_attempts_exhausted",
        detail="Too many wrong codes. Please ask for a new one.",
    )


def expired() -> Problem:
    """Return the 410 for a code that is over, used, dead, or never was."""
    return Problem(
        status=410, code="otp_expired", detail="This code has expired. Please ask for a new one."
    )


def incorrect(*, attempts_left: int) -> Problem:
    """Return the 400 for a wrong code."""
    return Problem(
        status=400,
        code="otp_incorrect",
        detail="This code is not correct.",
        extra={"attemptsLeft": attempts_left},
    )


def account_not_allowed() -> Problem:
    """Return the 403 for a right code of somebody whom the app does not admit."""
    return Problem(
        status=403,
        code="account_not_allowed",
        detail="This number may not log in here. Please contact support.",
    )


def phone_rejected() -> Problem:
    """Return the 400 for a phone that the provider refuses."""
    return Problem(status=400, code="phone_rejected", detail="This number cannot receive our SMS.")


def not_sent(error: gateways.GatewayError) -> Problem:
    """Turn the provider's verdict on a code into our answer: 400, 502 or 503."""
    if isinstance(error, gateways.RecipientRejected):
        return phone_rejected()
    return gateway_problem(
        error, unavailable="sms_unavailable", rejected="sms_rejected", detail=SEND_FAILED
    )
