"""Staff login to the web portal by email, password and, where enrolled, a TOTP code."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Final

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import second_factor, security_events
from accounts.models import SecurityEvent, User
from accounts.refusals import record_refusal
from accounts.roles import STAFF, App
from accounts.sessions import IssuedToken, issue_token
from api.limits import Window
from api.problems import Problem
from integrations.redact import fingerprint

logger = logging.getLogger(__name__)

WINDOW_SECONDS: Final = 900


def authenticate_staff(
    *, email: str, password: str, totp: str, address: str
) -> tuple[User, TOTPDevice | None]:
    """Return the active ADMIN or KAM whose password and code these are, and what showed the code.

    Args:
        email: In any case.
        totp: The code; empty when none was given.
        address: The caller's, as `api.address.client_address` gives it.

    Raises:
        Problem: 401 ``bad_credentials`` for every cause, after equal work; 401
            ``second_factor_required`` where all is right but the code is not given; 429
            ``login_locked`` after too many tries of this account from this address.
    """
    email = email.lower()
    # Per pair, so that a stranger elsewhere cannot lock the owner out.
    pair = fingerprint(f"{email}|{address}")
    failures = Window("login_failures", pair, settings.LOGIN_FAILURES_15MIN, WINDOW_SECONDS)
    # Before hashing: parallel guesses must not all see a free place.
    wait = failures.take()
    if wait:
        logger.warning("login locked")
        _record(SecurityEvent.Kind.LIMIT, "login_locked", email=email, address=address)
        raise _locked(wait)
    user = _by_password(email=email, password=password)
    if user is None:
        raise _refused(email=email, address=address)
    device = second_factor.enrolled_device(user=user)
    if device is not None:
        if not totp:
            # It stays counted: whoever has the password must not get tries at the code for free.
            raise _second_factor_required()
        if second_factor.prove(user=user, code=totp) is None:
            raise _refused(email=email, address=address)
    failures.clear()
    return user, device


def log_in(
    *, email: str, password: str, totp: str, address: str, now: datetime
) -> tuple[User, IssuedToken]:
    """Start a session in the web portal.

    Raises:
        Problem: As `authenticate_staff`.
    """
    proved, device = authenticate_staff(email=email, password=password, totp=totp, address=address)
    with transaction.atomic():
        # A reset or an enrolment since the proof ended all sessions; this one must not outlive it.
        user = (
            User.objects.select_for_update()
            .filter(pk=proved.pk, password=proved.password, is_active=True, role__in=STAFF)
            .first()
        )
        if user is None or second_factor.enrolled_device(user=user) != device:
            raise _bad_credentials()
        security_events.record(
            kind=SecurityEvent.Kind.LOGIN,
            result=SecurityEvent.Result.OK,
            actor_id=user.pk,
            subject=email,
            client_address=address,
            detail=App.WEBPRT,
        )
        return user, issue_token(user=user, app=App.WEBPRT, now=now)


def _bad_credentials() -> Problem:
    return Problem(
        status=401, code="bad_credentials", detail="The email or the password is not right."
    )


def _by_password(*, email: str, password: str) -> User | None:
    user = User.objects.filter(email=email).first()
    if user is None:
        make_password(password)  # as long as checking one takes
        return None
    right = user.check_password(password)
    return user if right and user.is_active and user.role in STAFF else None


def _refused(*, email: str, address: str) -> Problem:
    logger.warning("login refused")
    _record(SecurityEvent.Kind.LOGIN, "bad_credentials", email=email, address=address)
    return _bad_credentials()


def _record(kind: SecurityEvent.Kind, code: str, *, email: str, address: str) -> None:
    record_refusal(kind=kind, code=code, client_address=address, subject=email)


def _locked(wait: int) -> Problem:
    return Problem(
        status=429,
        code="login_locked",
        detail="Too many failed attempts. Please try again later.",
        retry_after=wait,
    )


def _second_factor_required() -> Problem:
    return Problem(
        status=401,
        code="second_factor_required",
        detail="Enter the code from your authenticator app.",
    )
