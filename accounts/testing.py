"""For tests of every app: to be somebody who is logged in."""

from __future__ import annotations

from django.utils import timezone

from accounts.models import User
from accounts.roles import App, admits
from accounts.sessions import issue_token


def token_of(user: User) -> str:
    """Return the token of a new session, of the app that admits the user's role."""
    app = next(app for app in App if admits(app=app, role=user.role))
    return issue_token(user=user, app=app, now=timezone.now()).token


def authorization(user: User) -> dict[str, str]:
    """Return the header of a new session, as Django's test clients take it."""
    return {"HTTP_AUTHORIZATION": f"Token {token_of(user)}"}
