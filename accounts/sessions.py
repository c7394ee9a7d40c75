"""Tokens: making them and ending them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from knox.models import get_digest_token
from knox.settings import CONSTANTS

from accounts.models import AuthToken, User
from accounts.roles import App
from api import rows


@dataclass(frozen=True, kw_only=True)
class IssuedToken:
    """The only moment at which the token itself exists; afterwards there is its hash."""

    token: str = field(repr=False)
    expires_at: datetime


def issue_token(*, user: User, app: App, now: datetime) -> IssuedToken:
    """Start a session of ``user`` in ``app``; whether the app admits the role is for the caller.

    It lives `APP_SESSION_SECONDS` from ``now`` on, `STAFF_SESSION_SECONDS` in the web portal.
    """
    staff = app == App.WEBPRT
    seconds = settings.STAFF_SESSION_SECONDS if staff else settings.APP_SESSION_SECONDS
    digest, token = get_digest_token()
    expires_at = now + timedelta(seconds=seconds)
    # Not by knox's manager: that one counts from its own clock.
    rows.insert(
        AuthToken(
            digest=digest,
            token_key=token[: CONSTANTS.TOKEN_KEY_LENGTH],
            user=user,
            app=app,
            created=now,
            expiry=expires_at,
        )
    )
    return IssuedToken(token=token, expires_at=expires_at)


def end_token(*, token: AuthToken) -> None:
    """End one session; one that is over already is fine."""
    AuthToken.objects.filter(pk=token.pk).delete()


def end_all_tokens(*, user: User) -> None:
    """End all sessions of a user, in every app."""
    AuthToken.objects.filter(user=user).delete()
