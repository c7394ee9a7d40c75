"""Reset links: making them, telling good from bad, and using one up."""

from __future__ import annotations

import logging
import uuid
from typing import Final

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import transaction
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from accounts import mails
from accounts.models import User
from accounts.roles import STAFF
from accounts.sessions import end_all_tokens
from api.problems import Problem

logger = logging.getLogger(__name__)

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


def set_password(*, uid: str, token: str, new_password: str) -> User:
    """Use the link up: set the password, end all sessions, tell the owner by mail.

    Raises:
        Problem: 400 ``reset_link_invalid``, also for the second of two at once.
        ValidationError: Django's; the password is too weak. The link stays good.
    """
    user = find_user(uid=uid, token=token)
    validate_password(new_password, user)
    encoded = make_password(new_password)
    with transaction.atomic():
        # The old hash is what the token was made over: whoever replaces it first has used it.
        changed = User.objects.filter(
            pk=user.pk,
            password=user.password,
            email=user.email,
            is_active=True,
            role__in=STAFF,
        ).update(password=encoded)
        if not changed:
            raise link_invalid()
        end_all_tokens(user=user)
    logger.info("password reset", extra={"user_id": str(user.pk)})
    mails.send_password_changed(user=user)
    return user


def link_invalid() -> Problem:
    """Return the one answer to every link that does not work."""
    return Problem(
        status=400,
        code="reset_link_invalid",
        detail="This link does not work any more. Please ask for a new one.",
    )
