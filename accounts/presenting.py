"""How an account looks in an answer."""

from __future__ import annotations

from accounts.models import User


def present_user(user: User) -> dict[str, str | None]:
    """Return the ``user`` of the contract."""
    return {
        "id": str(user.pk),
        "role": user.role,
        "name": user.name,
        "phone": user.phone,
        "email": user.email,
    }
