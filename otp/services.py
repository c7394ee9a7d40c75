"""Asking for a code."""

from __future__ import annotations

import uuid
from datetime import datetime

from accounts import security_events
from accounts.models import SecurityEvent
from accounts.roles import App
from integrations import gateways
from otp import admission, challenges, codes, demo_numbers, metrics, refusing, texts
from otp.models import Challenge, State
from otp.proofs import InstallProof


def request_code(
    *,
    phone_e164: str,
    app: App,
    client_address: str,
    proof: InstallProof | None,
    now: datetime,
) -> Challenge:
    """
    Send a fresh code to a phone and return its accepted challenge.

    No account is looked at: an SMS goes out either way (S19).

    Args:
        client_address: As `api.address.client_address` gives it.
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
    demo = _keep_digest(challenge, code=code)
    admission.open_within_limits(challenge)
    metrics.challenge_reached(State.CREATED)
    if not demo:
        _send(challenge, code=code)
    challenges.accept(challenge)
    metrics.challenge_reached(State.ACCEPTED)
    if demo:
        _record_demo(challenge)
    return challenge


def _keep_digest(challenge: Challenge, *, code: str) -> bool:
    """Say by what a code will be known; return whether it is a demo number's fixed one."""
    demo = demo_numbers.known_digest(challenge.phone_id, now=challenge.created_at)
    challenge.code_digest, challenge.pepper_id = (
        (demo, codes.DEMO)
        if demo
        else codes.make_digest(challenge_id=challenge.id, phone_e164=challenge.phone_id, code=code)
    )
    return bool(demo)


def _send(challenge: Challenge, *, code: str) -> None:
    try:
        gateways.send_otp(
            to=challenge.phone_id,
            code=code,
            reference=challenge.reference,
            app=challenge.app,
            text=texts.render(app=App(challenge.app), code=code),
        )
    except gateways.GatewayError as error:
        # A send that surely failed costs nothing; one that may have arrived keeps its price.
        admission.close(challenge, costs=error.maybe_accepted)
        metrics.challenge_reached(State.FAILED)
        raise refusing.not_sent(error) from error


def _record_demo(challenge: Challenge) -> None:
    """Nothing went out: whoever uses a demo number knows its code."""
    security_events.record(
        kind=SecurityEvent.Kind.DEMO_NUMBER,
        result=SecurityEvent.Result.OK,
        subject=challenge.phone_id,
        client_address=challenge.client_address,
        detail=f"used in {challenge.app}, no SMS sent",
    )
