"""HTML forms: the admin's login and the page behind a reset link."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError

from accounts.login import authenticate_staff
from accounts.validators import MAX_LENGTH
from api.address import client_address
from api.problems import Problem


class StaffLoginForm(AdminAuthenticationForm):
    """The admin's login, with the limit and the equal work of ``POST /auth/login``."""

    def clean(self) -> dict[str, Any]:
        email = str(self.cleaned_data.get("username") or "")
        password = str(self.cleaned_data.get("password") or "")
        if self.request is not None and email and password:
            try:
                user = authenticate_staff(
                    email=email, password=password, address=client_address(self.request)
                )
            except Problem as err:
                raise ValidationError(err.text, code=err.code) from err
            self.confirm_login_allowed(user)
            self.user_cache = user
        return self.cleaned_data


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
