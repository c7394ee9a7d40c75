"""Asking for a code and checking it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError

from accounts import security_events
from accounts.models import SecurityEvent, User
from accounts.roles import ADMITS, App, Role
from api.problems import Problem, gateway_problem
from integrations import gateways
from otp import admission, challenges, codes, demo_numbers, metrics, refusing, texts, tries
from otp.models import Challenge, DemoNumber, State
from otp.proofs import InstallProof

SEND_FAILED = refusing.SEND_FAILED
NOBODY = UUID(int=0)


def request_code(
    *,
    phone_e164: str,
    app: App,
    client_address: str,
    proof: InstallProof | None = None,
    now: datetime,
) -> Challenge:
    """
    Send a fresh code to a phone and return its accepted challenge.

    No account is looked at: an SMS goes out either way (S19).

    Args:
        proof: Where it is for this phone, the limits of its install hold.

    Raises:
        Problem: 429 a limit; 400 ``phone_rejected``; 502 and 503 as the provider says.
    """
    code = codes.make_code()
    challenge = Challenge(
        id=uuid.uuid4(),
        phone_id=phone_e164,
        install_id=proof.install_id if proof and proof.is_for(phone_e164) else None,
        app=app,
        client_address=client_address,
        created_at=now,
    )
    demo = _keep_digest(challenge, code=code, now=now)
    admission.open_within_limits(challenge)
    metrics.challenge_reached(State.CREATED)
    if not demo:
        _send(challenge, app=app, code=code)
    challenges.accept(challenge)
    metrics.challenge_reached(State.ACCEPTED)
    if demo:
        _record_demo(challenge)
    return challenge


def _keep_digest(challenge: Challenge, *, code: str, now: datetime) -> bool:
    """Say by what a code will be known; return whether it is a demo number's fixed one."""
    demo = demo_numbers.known_digest(challenge.phone_id, now=now)
    challenge.code_digest, challenge.pepper_id = (
        (demo, codes.DEMO)
        if demo
        else codes.make_digest(challenge_id=challenge.id, phone_e164=challenge.phone_id, code=code)
    )
    return bool(demo)


def _send(challenge: Challenge, *, app: App, code: str) -> None:
    try:
        gateways.send_otp(
            to=challenge.phone_id,
            code=code,
            reference=challenge.reference,
            app=app,
            text=texts.render(app=app, code=code),
        )
    except gateways.GatewayError as error:
        # A send that surely failed costs nothing; one that may have arrived keeps its price.
        admission.close(challenge, costs=error.maybe_accepted)
        metrics.challenge_reached(State.FAILED)
        raise _send_problem(error) from error


def _record_demo(challenge: Challenge) -> None:
    """Nothing went out: whoever uses a demo number knows its code."""
    security_events.record(
        kind=SecurityEvent.Kind.DEMO_NUMBER,
        result=SecurityEvent.Result.OK,
        subject=challenge.phone_id,
        client_address=challenge.client_address,
        detail=f"used in {challenge.app}, no SMS sent",
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
    """The phone and app that a right code speaks for; ``demo``: whose fixed code it was.

    ``install_id``: who typed it.
    """

    phone_e164: str
    app: App
    install_id: UUID
    demo: DemoNumber | None = None

    @property
    def roles(self) -> frozenset[str]:
        """Whom it lets in."""
        return ADMITS[self.app] & ({self.demo.role} if self.demo else ADMITS[self.app])


def verify_code(
    *, challenge_id: UUID, code: str, proof: InstallProof | None = None, now: datetime
) -> Proof:
    """
    Use a code up, once.

    The try is counted and committed before the compare, and one UPDATE decides who wins: 50
    parallel right answers give one proof, 50 wrong ones count as 5 tries (S6, S7).

    Args:
        proof: Where it is for this phone, the try counts for its install, not for the phone.

    Raises:
        Problem: 410 ``otp_expired``; 429 ``otp_attempts_exhausted``, ``phone_locked``;
            400 ``otp_incorrect`` with ``attemptsLeft``.
    """
    found = tries.count(challenge_id, proof=proof, now=now)
    if found is None:
        # The same work as for one that exists (S5).
        codes.matches(
            challenge_id=NOBODY, phone_e164="", code=code, code_digest="", kept_pepper_id=""
        )
        raise _expired()
    challenge = found.challenge
    _compare(challenge, code=code)
    is_demo = challenge.pepper_id == codes.DEMO
    demo = demo_numbers.find(challenge, now=now) if is_demo else None
    if (is_demo and demo is None) or not tries.use_up(found, now=now):
        raise _expired()
    metrics.challenge_reached(State.VERIFIED)
    return Proof(
        phone_e164=challenge.phone_id,
        app=App(challenge.app),
        install_id=found.install_id or uuid.uuid4(),
        demo=demo,
    )


def _compare(challenge: Challenge, *, code: str) -> None:
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
    if user is None and Role.CUSTOMER in proof.roles:
        user = _new_customer(proof.phone_e164)
    if user is None or not user.is_active or user.role not in proof.roles:
        raise Problem(
            status=403,
            code="account_not_allowed",
            detail="This number may not log in here. Please contact support.",
        )
    return user


def _new_customer(phone_e164: str) -> User:
    """Return the account of a number that had none; of two requests at once one makes it."""
    user = User(phone=phone_e164, role=Role.CUSTOMER)
    user.set_unusable_password()
    try:
        User.objects.bulk_create([user])
    except IntegrityError:
        return User.objects.get(phone=phone_e164)
    return user
