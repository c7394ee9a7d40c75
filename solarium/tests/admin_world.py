"""People of the admin for tests, with their second factor."""

from __future__ import annotations

from typing import Any

import django_otp
import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import second_factor
from accounts.groups import OPS
from accounts.models import SecurityEvent, User
from accounts.roles import Role

PASSWORD = "a long enough passphrase"
REASON = "Ticket 4711, asked by the customer"


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


@pytest.fixture
def staff(db: None) -> User:
    """Somebody of ops."""
    return make_staff()


@pytest.fixture
def ops(client: Client, staff: User) -> Client:
    """Their browser, logged in."""
    return enter(client, staff)


def log_in(client: Client, *, email: str, password: str = PASSWORD, code: str = "") -> Any:
    """Fill in the admin's login form."""
    form = {"username": email, "password": password, "otp_token": code}
    return client.post(reverse("admin:login"), form)


def page_of(client: Client, name: str, **query: Any) -> Any:
    """Return the answer of a list of the admin, ``name`` being its app and model."""
    answer = client.get(reverse(f"admin:{name}_changelist"), query)
    assert answer.status_code == 200
    return answer


def rows_of(answer: Any) -> list[Any]:
    """Return the rows that a list of the admin shows."""
    return list(answer.context["cl"].result_list)


def recorded(kind: str) -> list[SecurityEvent]:
    """Return what ops did of one kind, besides entering the admin."""
    return list(SecurityEvent.objects.filter(kind=kind, result="ok").exclude(detail="admin"))
