"""Sessions: the tokens of the API, and the cookies of the admin. Making, listing, ending them."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
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


def issue_token(
    *, user: User, app: App, now: datetime, until: datetime | None = None
) -> IssuedToken:
    """Start a session of ``user`` in ``app``; whether the app admits the role is for the caller.

    It lives `APP_SESSION_SECONDS` from ``now`` on, `STAFF_SESSION_SECONDS` in the web portal, and
    never longer than ``until``.
    """
    staff = app == App.WEBPRT
    seconds = settings.STAFF_SESSION_SECONDS if staff else settings.APP_SESSION_SECONDS
    digest, token = get_digest_token()
    expires_at = now + timedelta(seconds=seconds)
    if until is not None:
        expires_at = min(expires_at, until)
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


def end_everything(*, user: User, now: datetime) -> int:
    """End all sessions of a user, those in the admin too; return how many there were."""
    ended: int = AuthToken.objects.filter(user=user).delete()[0]
    # Few: staff only, and each is gone 30 min after its last use.
    for session in Session.objects.filter(expire_date__gt=now).iterator():
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            session.delete()
            ended += 1
    return ended


def live_tokens(*, user: User, now: datetime) -> QuerySet[AuthToken]:
    """Return the user's sessions that are not over, newest first."""
    found: QuerySet[AuthToken] = AuthToken.objects.filter(user=user, expiry__gt=now)
    return found.order_by("-created", "digest")


def session_id(token: AuthToken) -> uuid.UUID:
    """Return the name of a session: it follows from the token's hash and leads to neither."""
    return uuid.UUID(bytes=hashlib.sha256(f"session|{token.digest}".encode()).digest()[:16])


def end_session(*, user: User, wanted: uuid.UUID, now: datetime) -> bool:
    """End one of the user's own sessions; return whether there was one of this id."""
    for token in live_tokens(user=user, now=now):
        if session_id(token) == wanted:
            end_token(token=token)
            return True
    return False
