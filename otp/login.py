"""Login by a code: it is used up once, and opens the account that the app admits."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts import security_events
from accounts.models import SecurityEvent, User
from accounts.roles import ADMITS, App, Role
from accounts.sessions import IssuedToken, issue_token
from otp import admission, codes, demo_numbers, metrics, proofs, refusing, tries
from otp.models import Challenge, DemoNumber, State
from otp.proofs import InstallProof

NOBODY = UUID(int=0)


@dataclass(frozen=True, kw_only=True)
class LoggedIn:
    """Whose session began, its token, and what the app shows next time."""

    user: User
    issued: IssuedToken
    install_proof: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Proved:
    """The phone and app that a right code speaks for; ``demo``: whose fixed code it was.

    ``install_id``: who typed it.
    """

    phone_e164: str
    app: App
    install_id: UUID
    demo: DemoNumber | None

    @property
    def roles(self) -> frozenset[str]:
        """Whom it lets in."""
        return ADMITS[self.app] & ({self.demo.role} if self.demo else ADMITS[self.app])


def log_in(
    *,
    challenge_id: UUID,
    code: str,
    client_address: str,
    proof: InstallProof | None,
    now: datetime,
) -> LoggedIn:
    """Start a session for a code; on CUSTAP a phone without an account gets a CUSTOMER account.

    Args:
        client_address: As `api.address.client_address` gives it.
        proof: Where it is for this phone, the try counts for its install, not for the phone.

    Raises:
        Problem: 429 ``verify_limit_reached``; as `verify_code`; 403 ``account_not_allowed``: no
            account, a disabled one, or not a role of this app. The code is used up either way.
    """
    with admission.trying(
        client_address=client_address, challenge_id=challenge_id, proof=proof, now=now
    ):
        proved = verify_code(challenge_id=challenge_id, code=code, proof=proof, now=now)
    with transaction.atomic():
        user = _admit(proved)
        until = proved.demo.ends_at if proved.demo else None
        issued = issue_token(user=user, app=proved.app, now=now, until=until)
        security_events.record(
            kind=SecurityEvent.Kind.LOGIN,
            result=SecurityEvent.Result.OK,
            actor_id=user.pk,
            subject=proved.phone_e164,
            client_address=client_address,
            detail=f"{proved.app}, demo number" if proved.demo else proved.app,
        )
    shown = proofs.make(install_id=proved.install_id, phone_e164=proved.phone_e164)
    return LoggedIn(user=user, issued=issued, install_proof=shown)


def verify_code(
    *, challenge_id: UUID, code: str, proof: InstallProof | None, now: datetime
) -> Proved:
    """
    Use a code up, once.

    The try is counted and committed before the compare, and one UPDATE decides who wins: 50
    parallel right answers give one proof, 50 wrong ones count as 5 tries (S6, S7).

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
        raise refusing.expired()
    challenge = found.challenge
    _compare(challenge, code=code)
    is_demo = challenge.pepper_id == codes.DEMO
    demo = demo_numbers.find(challenge, now=now) if is_demo else None
    if (is_demo and demo is None) or not tries.use_up(found, now=now):
        raise refusing.expired()
    metrics.challenge_reached(State.VERIFIED)
    return Proved(
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
        raise refusing.incorrect(attempts_left=settings.OTP_TRIES - challenge.attempts)


def _admit(proved: Proved) -> User:
    """Return the account, locked: who disables it, or takes its phone, ends the new session too.

    So does who removes its demo number.
    """
    if proved.demo and not demo_numbers.hold(proved.demo):
        raise refusing.expired()
    user = _find(proved.phone_e164)
    if user is None and Role.CUSTOMER in proved.roles:
        user = _new_customer(proved.phone_e164)
    if user is None or not user.is_active or user.role not in proved.roles:
        raise refusing.account_not_allowed()
    return user


def _find(phone_e164: str) -> User | None:
    found: User | None = (
        User.objects.select_for_update(no_key=True).filter(phone=phone_e164).first()
    )
    return found


def _new_customer(phone_e164: str) -> User | None:
    """Return the account of a number that had none; of two requests at once one makes it."""
    user = User(phone=phone_e164, role=Role.CUSTOMER)
    user.set_unusable_password()
    # No exception where another request was faster: it would end the transaction.
    User.objects.bulk_create([user], ignore_conflicts=True)
    return _find(phone_e164)
