"""How an account and a session look in an answer."""

from __future__ import annotations

from accounts.models import AuthToken, User
from accounts.sessions import session_id
from api.timestamps import timestamp


def present_user(user: User) -> dict[str, str | None]:
    """Return the ``user`` of the contract."""
    return {
        "id": str(user.pk),
        "role": user.role,
        "name": user.name,
        "phone": user.phone,
        "email": user.email,
    }


def present_session(token: AuthToken, *, current: AuthToken) -> dict[str, str | bool]:
    """Return one entry of ``GET /auth/sessions``; ``current``: the one that asks."""
    return {
        "id": str(session_id(token)),
        "app": token.app,
        "createdAt": timestamp(token.created),
        "expiresAt": timestamp(token.expiry),
        "current": token.digest == current.digest,
    }
