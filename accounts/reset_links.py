"""Reset links: making them, and telling good from bad."""

from __future__ import annotations

import uuid
from typing import Final

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from accounts.models import User
from accounts.roles import STAFF
from api.problems import Problem

_tokens: Final = PasswordResetTokenGenerator()


def make_link(*, user: User) -> str:
    """Return the link for ``user``: a secret until it is used or 30 minutes old."""
    uid = urlsafe_base64_encode(force_bytes(str(user.pk)))
    # Not str.format: the setting is a URL and may hold other braces.
    return str(
        settings.PASSWORD_RESET_URL.replace("{uid}", uid).replace(
            "{token}", _tokens.make_token(user)
        )
    )


def find_user(*, uid: str, token: str) -> User:
    """Return whom the link is for; looking uses nothing up.

    Raises:
        Problem: 400 ``reset_link_invalid`` for every cause: used, too old, wrong, not staff.
    """
    try:
        pk = uuid.UUID(urlsafe_base64_decode(uid).decode("ascii"))
    except ValueError as err:
        raise link_invalid() from err
    user = User.objects.filter(pk=pk, is_active=True, role__in=STAFF).first()
    if user is None or not _tokens.check_token(user, token):
        raise link_invalid()
    return user


def link_invalid() -> Problem:
    """Return the one answer to every link that does not work."""
    return Problem(
        status=400,
        code="reset_link_invalid",
        detail="This link does not work any more. Please ask for a new one.",
    )
