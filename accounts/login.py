"""Staff login by email and password, for the API and for the admin's form alike."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Final

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts import security_events
from accounts.models import SecurityEvent, User
from accounts.refusals import record_refusal
from accounts.roles import STAFF, App
from accounts.sessions import IssuedToken, issue_token
from api import limits
from api.problems import Problem
from integrations.redact import fingerprint

logger = logging.getLogger(__name__)

WINDOW_SECONDS: Final = 900
_LIMIT: Final = "login_failures"


def authenticate_staff(*, email: str, password: str, address: str) -> User:
    """Return the active ADMIN or KAM whose password this is.

    Args:
        email: In any case.
        address: The caller's, as `api.address.client_address` gives it.

    Raises:
        Problem: 401 ``bad_credentials`` for every cause, after equal work; 429 ``login_locked``
            after too many failures of this account from this address.
    """
    email = email.lower()
    # Per pair, so that a stranger elsewhere cannot lock the owner out.
    key = fingerprint(f"{email}|{address}")
    amount = settings.LOGIN_FAILURES_15MIN
    # Before hashing: parallel guesses must not all see a free place.
    wait = limits.take(name=_LIMIT, key=key, amount=amount, window_seconds=WINDOW_SECONDS)
    if wait:
        logger.warning("login locked")
        record_refusal(
            kind=SecurityEvent.Kind.LIMIT,
            code="login_locked",
            client_address=address,
            subject=email,
        )
        raise Problem(
            status=429,
            code="login_locked",
            detail="Too many failed attempts. Please try again later.",
            retry_after=wait,
        )
    user = User.objects.filter(email=email).first()
    if user is None:
        make_password(password)  # as long as checking one takes
        right = False
    else:
        right = user.check_password(password)
    if user is None or not right or not user.is_active or user.role not in STAFF:
        logger.warning("login refused")
        record_refusal(
            kind=SecurityEvent.Kind.LOGIN,
            code="bad_credentials",
            client_address=address,
            subject=email,
        )
        raise bad_credentials()
    limits.clear(name=_LIMIT, key=key, amount=amount, window_seconds=WINDOW_SECONDS)
    return user


def log_in(*, email: str, password: str, address: str, now: datetime) -> tuple[User, IssuedToken]:
    """Start a session in the web portal.

    Raises:
        Problem: As `authenticate_staff`.
    """
    proved = authenticate_staff(email=email, password=password, address=address)
    with transaction.atomic():
        # A reset between the proof and now ended all sessions; this one must not outlive it.
        user = (
            User.objects.select_for_update()
            .filter(pk=proved.pk, password=proved.password, is_active=True, role__in=STAFF)
            .first()
        )
        if user is None:
            raise bad_credentials()
        security_events.record(
            kind=SecurityEvent.Kind.LOGIN,
            result=SecurityEvent.Result.OK,
            actor_id=user.pk,
            subject=email,
            client_address=address,
            detail=App.WEBPRT,
        )
        return user, issue_token(user=user, app=App.WEBPRT, now=now)


def bad_credentials() -> Problem:
    """Return the one answer to every wrong login."""
    return Problem(
        status=401, code="bad_credentials", detail="The email or the password is not right."
    )
