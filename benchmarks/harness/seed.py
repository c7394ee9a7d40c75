"""Puts into Solarium's own tables what a measurement starts from.

Imported inside ``manage.py shell``, in the server's environment; harness/servers.py does that.
"""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Max
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.roles import App, Role
from accounts.sessions import issue_token
from otp import codes
from otp.models import Challenge, Phone, State

# Below every number that load uses: +919 and nine digits.
FIRST_PHONE = "+918000000000"
CODE = "271828"
TRANSACTIONS = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE SAVEPOINT")


def make_challenges(count: int) -> list[str]:
    """Return verifyOTP bodies that each prove another number, whose account is there already.

    They stay valid for an hour, so that a long measurement does not meet expired ones.
    """
    now = timezone.now()
    last = Phone.objects.filter(phone_e164__lt="+919").aggregate(last=Max("phone_e164"))["last"]
    start = int((last or FIRST_PHONE)[1:]) + 1
    phones = [f"+{start + n}" for n in range(count)]
    Phone.objects.bulk_create(
        [Phone(phone_e164=phone, last_request_at=now) for phone in phones], batch_size=2000
    )
    User.objects.bulk_create(
        [User(phone=phone, role=Role.CUSTOMER, password="!") for phone in phones],  # noqa: S106
        batch_size=2000,
    )
    challenges = [_challenge(phone, now) for phone in phones]
    Challenge.objects.bulk_create(challenges, batch_size=2000)
    return [json.dumps({"challengeId": str(made.id), "otp": CODE}) for made in challenges]


def _challenge(phone: str, now: datetime) -> Challenge:
    challenge_id = uuid.uuid4()
    digest, pepper_id = codes.make_digest(challenge_id=challenge_id, phone_e164=phone, code=CODE)
    return Challenge(
        id=challenge_id,
        phone_id=phone,
        app=App.CUSTAP,
        code_digest=digest,
        pepper_id=pepper_id,
        state=State.ACCEPTED,
        client_address="127.0.0.1",
        created_at=now,
        accepted_at=now,
        expires_at=now + timedelta(hours=1),
        resend_at=now,
    )


def make_token() -> str:
    """Return the header of a new session of a new customer."""
    user = User.objects.create_user(role=Role.CUSTOMER)
    return f"Token {issue_token(user=user, app=App.CUSTAP, now=timezone.now()).token}"


def count_statements() -> int:
    """Return how many statements a phone's first sendOTP runs; the gateway must be there."""
    _send("+917900000000")  # also reads what a process reads every few seconds
    with CaptureQueriesContext(connection) as seen:
        _send("+917900000001")
    return sum(not query["sql"].startswith(TRANSACTIONS) for query in seen.captured_queries)


def _send(phone: str) -> None:
    answer = Client(SERVER_NAME="127.0.0.1").post(
        "/integrations/sendOTP",
        {"phone": phone, "app": App.CUSTAP},
        content_type="application/json",
    )
    if answer.status_code != 200:
        raise SystemExit(f"sendOTP answered {answer.status_code}: {answer.content!r}")
