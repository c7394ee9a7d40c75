"""People of the admin for tests, with their second factor."""

from __future__ import annotations

from typing import Any

import django_otp
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import second_factor
from accounts.groups import OPS
from accounts.models import User
from accounts.roles import Role

PASSWORD = "a long enough passphrase"


def make_staff(*, group: str = OPS, role: Role = Role.ADMIN, enrolled: bool = True) -> User:
    """Return somebody of a group of the admin: ``ops@…`` or ``support@…``."""
    user = User.objects.create_user(
        role=role,
        email=f"{group}@solarium.example",
        name=f"{group.title()} Person",
        password=PASSWORD,
        is_staff=True,
    )
    user.groups.add(Group.objects.get(name=group))
    if enrolled:
        second_factor.enrol(user=user)
    return user


def code_of(user: User) -> str:
    """Return what the person's app shows now."""
    return f"{totp(TOTPDevice.objects.get(user=user).bin_key):06d}"


def enter(client: Client, user: User) -> Client:
    """Open a verified session without the form."""
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[django_otp.DEVICE_ID_SESSION_KEY] = TOTPDevice.objects.get(user=user).persistent_id
    session.save()
    return client


def log_in(client: Client, *, email: str, password: str = PASSWORD, code: str = "") -> Any:
    """Fill in the admin's login form."""
    form = {"username": email, "password": password, "otp_token": code}
    return client.post(reverse("admin:login"), form)
