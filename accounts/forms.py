"""HTML forms: the admin's login and the page behind a reset link."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ValidationError
from unfold.forms import AuthenticationForm
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts import second_factor
from accounts.models import User
from accounts.validators import MAX_LENGTH


class StaffLoginForm(AuthenticationForm):  # type: ignore[misc]  # Unfold is untyped
    """The admin's login: password and TOTP code in one step; django-axes counts the failures."""

    error_messages = {  # noqa: RUF012  (Django's own attribute)
        **AuthenticationForm.error_messages,
        "invalid_login": "The email, the password or the code is not right.",
        "not_enrolled": (
            "This account has no second factor yet. Ask whoever runs the server for "
            "manage.py enrol_totp --email <your address>."
        ),
    }
    otp_token = forms.CharField(
        label="Code from your authenticator app",
        max_length=10,
        required=False,
        widget=UnfoldAdminTextInputWidget(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}
        ),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        user = self.user_cache
        if isinstance(user, User):
            if second_factor.enrolled_device(user=user) is None:
                raise ValidationError(self.error_messages["not_enrolled"])
            user.otp_device = second_factor.prove(  # type: ignore[attr-defined]  # django-otp's
                user=user, code=str(cleaned.get("otp_token") or "").replace(" ", "")
            )
            if user.otp_device is None:  # type: ignore[attr-defined]
                # A wrong code counts as a wrong password does.
                user_login_failed.send(
                    sender=__name__,
                    credentials={"username": cleaned.get("username")},
                    request=self.request,
                )
                raise self.get_invalid_login_error()
        return cleaned


class NewPasswordForm(forms.Form):
    """A new password, typed twice; how good it is, is judged where it is set."""

    new_password = forms.CharField(
        label="New password",
        strip=False,
        max_length=MAX_LENGTH,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "autofocus": True}),
    )
    repeated = forms.CharField(
        label="The same again",
        strip=False,
        max_length=MAX_LENGTH,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("repeated") and cleaned["repeated"] != cleaned.get("new_password"):
            self.add_error("repeated", "The two passwords are not the same.")
        return cleaned
