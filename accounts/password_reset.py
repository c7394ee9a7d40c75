"""Using a reset link up."""

from __future__ import annotations

import logging

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from accounts import mails, security_events
from accounts.models import SecurityEvent, User
from accounts.reset_links import find_user, link_invalid
from accounts.roles import STAFF
from accounts.sessions import end_all_tokens

logger = logging.getLogger(__name__)


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
        security_events.record(
            kind=SecurityEvent.Kind.PASSWORD_RESET,
            result=SecurityEvent.Result.OK,
            actor_id=user.pk,
            subject=user.email or "",
            detail="password set",
        )
    logger.info("password reset", extra={"user_id": str(user.pk)})
    mails.send_password_changed(user=user)
    return user
