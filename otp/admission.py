"""All limits of one request: each is asked, the longest wait speaks, and a no uses nothing up.

Limits per address and of the whole system's minute stand in the cache (`api.limits`), those of the
phone, the prefix and the budget in the database. No account is looked at (S19).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.conf import settings

from api.limits import Window, take_all
from api.problems import Problem
from otp import challenges, codes, refusing, system_limits, tries
from otp.models import Challenge
from otp.proofs import InstallProof
from otp.refusing import longest


def open_within_limits(challenge: Challenge) -> None:
    """Insert a new challenge, if every limit allows one more.

    Those of the whole system are for strangers whose code costs an SMS: neither an install with a
    proof nor a demo number is counted there.

    Raises:
        Problem: 429 ``resend_too_soon`` or ``send_limit_reached``.
    """
    if challenge.install_id is None and challenge.pepper_id != codes.DEMO:
        system_limits.subject(challenge)
    windows = _windows(challenge)
    wait = take_all(windows)
    if wait:
        refusal = refusing.asked_too_often(wait)
        raise longest([refusal, *challenges.find_refusals(challenge)])
    opened = False
    try:
        refusals = challenges.open_challenge(challenge)
        opened = not refusals
    finally:
        if not opened:
            for window in windows:
                window.give_back()
    if refusals:
        raise longest(refusals)


def close(challenge: Challenge, *, costs: bool) -> None:
    """End a challenge that was not accepted.

    Args:
        costs: Whether the send still counts everywhere: the SMS may have gone out. One that surely
            failed is given back, except to the address that asked.
    """
    challenges.fail(challenge, costs=costs)
    if not costs and challenge.prefix:
        _minute().give_back()


def _windows(challenge: Challenge) -> list[Window]:
    address = Window("send_ip", challenge.client_address, settings.OTP_SENDS_PER_IP_10MIN, 600)
    return [address, _minute()] if challenge.prefix else [address]


def _minute() -> Window:
    return Window("send_minute", "all", settings.OTP_SENDS_PER_MINUTE, 60)


@contextmanager
def trying(
    *, client_address: str, challenge_id: UUID, proof: InstallProof | None, now: datetime
) -> Iterator[None]:
    """Let a code be tried, if the address may still try.

    Raises:
        Problem: 429 ``verify_limit_reached``, or what else refuses for longer.
    """
    window = Window("verify_ip", client_address, settings.OTP_VERIFIES_PER_IP_10MIN, 600)
    wait = window.take()
    if wait:
        refusal = refusing.tried_too_often(wait)
        raise longest([refusal, *tries.find_refusals(challenge_id, proof=proof, now=now)])
    try:
        yield
    except Problem as problem:
        if problem.code == "phone_locked":
            window.give_back()
        raise
