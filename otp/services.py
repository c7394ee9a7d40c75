"""Asking for a code and checking it."""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from accounts.roles import ADMITS, App, Role
from api.problems import Problem, gateway_problem
from integrations import gateways
from otp import codes, limits
from otp.models import Challenge, Phone, State

logger = logging.getLogger(__name__)

SEND_FAILED = "Unable to send OTP. Please try again."
NOBODY = UUID(int=0)


def request_code(*, phone_e164: str, app: App, client_address: str, now: datetime) -> Challenge:
    """
    Send a fresh code to a phone and return its accepted challenge.

    No account is looked at: an SMS goes out either way (S19).

    Raises:
        Problem: 429 a limit of the phone; 400 ``phone_rejected``; 502 and 503 as the provider says.
    """
    challenge, code = _create_challenge(
        phone_e164=phone_e164, app=app, client_address=client_address, now=now
    )
    try:
        gateways.send_otp(to=phone_e164, code=code, reference=f"otp:{challenge.id}")
    except gateways.GatewayError as error:
        _fail(challenge, error)
        raise _send_problem(error) from error
    return _accept(challenge)


def _create_challenge(
    *, phone_e164: str, app: App, client_address: str, now: datetime
) -> tuple[Challenge, str]:
    challenge_id, code = uuid.uuid4(), codes.make_code()
    digest, pepper_id = codes.make_digest(
        challenge_id=challenge_id, phone_e164=phone_e164, code=code
    )
    with transaction.atomic():
        _lock_phone(phone_e164, now=now)
        sends = limits.recent_challenges(phone_e164, now=now)
        refusal = limits.send_refusal(sends, now=now)
        if refusal is not None:
            raise refusal
        challenge = Challenge(
            id=challenge_id,
            phone_id=phone_e164,
            app=app,
            code_digest=digest,
            pepper_id=pepper_id,
            client_address=client_address,
            created_at=now,
            resend_at=now + limits.cooldown(sends, now=now),
        )
        challenge.save(force_insert=True)
    return challenge, code


def _lock_phone(phone_e164: str, *, now: datetime) -> None:
    """Put requests for one number in line until the transaction ends (S20).

    An UPDATE locks the row on every database; only a number's first request has to make it.
    """
    mine = Phone.objects.filter(pk=phone_e164)
    if not mine.update(last_request_at=now):
        Phone.objects.bulk_create(
            [Phone(phone_e164=phone_e164, last_request_at=now)], ignore_conflicts=True
        )
        mine.update(last_request_at=now)


def _accept(challenge: Challenge) -> Challenge:
    """The code is valid, and the cooldown runs, from the moment the provider accepted (S4)."""
    accepted_at = timezone.now()
    pause = (challenge.resend_at or challenge.created_at) - challenge.created_at
    challenge.state = State.ACCEPTED
    challenge.accepted_at = accepted_at
    challenge.expires_at = accepted_at + timedelta(seconds=settings.OTP_VALID_SECONDS)
    challenge.resend_at = accepted_at + pause
    Challenge.objects.filter(pk=challenge.pk, state=State.CREATED).update(
        state=challenge.state,
        accepted_at=challenge.accepted_at,
        expires_at=challenge.expires_at,
        resend_at=challenge.resend_at,
    )
    return challenge


def _fail(challenge: Challenge, error: gateways.GatewayError) -> None:
    """A send that surely failed costs nothing; one that may have arrived keeps its price."""
    Challenge.objects.filter(pk=challenge.pk, state=State.CREATED).update(
        state=State.FAILED, failed_at=timezone.now(), counts=error.maybe_accepted
    )


def _send_problem(error: gateways.GatewayError) -> Problem:
    if isinstance(error, gateways.RecipientRejected):
        return Problem(
            status=400, code="phone_rejected", detail="This number cannot receive our SMS."
        )
    return gateway_problem(
        error, unavailable="sms_unavailable", rejected="sms_rejected", detail=SEND_FAILED
    )


@dataclass(frozen=True)
class Proof:
    """The phone and app that a right code speaks for."""

    phone_e164: str
    app: App


def verify_code(*, challenge_id: UUID, code: str, now: datetime) -> Proof:
    """
    Use a code up, once.

    The try is counted and committed before the compare, and one UPDATE decides who wins: 50
    parallel right answers give one proof, 50 wrong ones count as 5 tries (S6, S7).

    Raises:
        Problem: 410 ``otp_expired``; 429 ``otp_attempts_exhausted``, ``phone_locked``;
            400 ``otp_incorrect`` with ``attemptsLeft``.
    """
    challenge = _count_attempt(challenge_id, now=now)
    if challenge is None:
        # The same work as for one that exists (S5).
        codes.matches(
            challenge_id=NOBODY, phone_e164="", code=code, code_digest="", kept_pepper_id=""
        )
        raise _expired()
    right = codes.matches(
        challenge_id=challenge.id,
        phone_e164=challenge.phone_id,
        code=code,
        code_digest=challenge.code_digest,
        kept_pepper_id=challenge.pepper_id,
    )
    if not right:
        raise Problem(
            status=400,
            code="otp_incorrect",
            detail="This code is not correct.",
            extra={"attemptsLeft": settings.OTP_TRIES - challenge.attempts},
        )
    won = Challenge.objects.filter(
        pk=challenge.pk, state=State.ACCEPTED, expires_at__gt=now
    ).update(state=State.VERIFIED, verified_at=now)
    if not won:
        raise _expired()
    return Proof(phone_e164=challenge.phone_id, app=App(challenge.app))


def _count_attempt(challenge_id: UUID, *, now: datetime) -> Challenge | None:
    """Return the challenge with this try counted, or None where there is nothing to try."""
    with transaction.atomic():
        challenge = (
            Challenge.objects.select_for_update(of=("self", "phone"))
            .select_related("phone")
            .filter(pk=challenge_id)
            .first()
        )
        if (
            challenge is None
            or challenge.state != State.ACCEPTED
            or challenge.expires_at is None
            or challenge.expires_at <= now
        ):
            return None
        if challenge.attempts >= settings.OTP_TRIES:
            _refuse_exhausted(challenge, now=now)
        refusal = limits.lock_refusal(
            limits.recent_challenges(challenge.phone_id, now=now), now=now
        )
        if refusal is not None:
            raise refusal
        counted = Challenge.objects.filter(
            pk=challenge.pk, state=State.ACCEPTED, attempts__lt=settings.OTP_TRIES
        ).update(attempts=F("attempts") + 1, last_attempt_at=now)
        if not counted:
            return None
    challenge.attempts += 1
    return challenge


def _refuse_exhausted(challenge: Challenge, *, now: datetime) -> NoReturn:
    waits = limits.seconds_left(challenge.resend_at or now, now=now)
    raise Problem(
        status=429,
        code="otp_attempts_exhausted",
        detail="Too many wrong codes. Please ask for a new one.",
        retry_after=max(waits, 1),
    )


def _expired() -> Problem:
    return Problem(
        status=410, code="otp_expired", detail="This code has expired. Please ask for a new one."
    )


def admit(*, proof: Proof) -> User:
    """
    Return the account that a proved phone may use in its app.

    On CUSTAP a phone without an account gets a CUSTOMER account.

    Raises:
        Problem: 403 ``account_not_allowed``: disabled, or not a role of this app.
    """
    user = User.objects.filter(phone=proof.phone_e164).first()
    if user is None and proof.app == App.CUSTAP:
        user, _ = User.objects.get_or_create(
            phone=proof.phone_e164, defaults={"role": Role.CUSTOMER}
        )
    if user is None or not user.is_active or user.role not in ADMITS[proof.app]:
        raise Problem(
            status=403,
            code="account_not_allowed",
            detail="This number may not log in here. Please contact support.",
        )
    return user
