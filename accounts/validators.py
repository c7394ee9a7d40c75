"""What a password has to be: long, and a text that can be typed in. No composition rules."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from accounts.roles import Role
from api.fields import has_control_characters

MIN_LENGTH = 12
MIN_LENGTH_ADMIN = 15
MAX_LENGTH = 128


class PasswordLengthValidator:
    """12 to 128 characters, from 15 on for an ADMIN; for ``AUTH_PASSWORD_VALIDATORS``."""

    def validate(self, password: str, user: Any = None) -> None:
        """
        Raises:
            ValidationError: ``password_too_short`` or ``password_too_long``.
        """
        admin = getattr(user, "role", None) == Role.ADMIN
        least = MIN_LENGTH_ADMIN if admin else MIN_LENGTH
        if len(password) < least:
            raise ValidationError(f"Use at least {least} characters.", code="password_too_short")
        if len(password) > MAX_LENGTH:
            raise ValidationError(f"Use at most {MAX_LENGTH} characters.", code="password_too_long")

    def get_help_text(self) -> str:
        return (
            f"At least {MIN_LENGTH} characters ({MIN_LENGTH_ADMIN} for an admin), "
            f"at most {MAX_LENGTH}."
        )


class PasswordCharactersValidator:
    """What the API's strings may hold; for ``AUTH_PASSWORD_VALIDATORS``.

    A login refuses the others, so nobody could use such a password.
    """

    def validate(self, password: str, user: Any = None) -> None:
        """
        Raises:
            ValidationError: ``control_character``, also for what is no valid UTF-8.
        """
        if has_control_characters(password):
            raise ValidationError("Control characters are not allowed.", code="control_character")

    def get_help_text(self) -> str:
        return "No control characters."
