"""The accounts of one run: for the walk, and one for each role, for the console."""

from __future__ import annotations

import io
import os
import secrets

from django.core.management import call_command

from accounts.roles import Role

WALK = "walk@solarium.example"  # the walk changes its password; the others' stay as printed
KAM = {"email": "kam@solarium.example", "name": "Kavya (KAM)"}
ADMIN = {"email": "admin@solarium.example", "name": "Arun (ADMIN)"}
CUSTOMER = {"phone": "+919876500001", "name": "Chandra (customer)"}
PARTNER = {"phone": "+919876500002", "name": "Chitra (partner)"}

_PASSWORD_VARIABLE = "LOCAL_STAFF_PASSWORD"

Accounts = dict[str, dict[str, str]]


def make() -> Accounts:
    """Make or update all; staff gets new passwords, the admin a new second factor.

    Returns:
        The walk's account and, named as the console names them, those of the four roles, with
        what is needed to log in: secrets of this machine.

    Raises:
        CommandError: One of our commands says no.
    """
    walk = _make_staff(Role.KAM, {"email": WALK, "name": "Walk (KAM)"})
    kam, admin = _make_staff(Role.KAM, KAM), _make_staff(Role.ADMIN, ADMIN)
    uri = io.StringIO()
    call_command("enrol_totp", email=ADMIN["email"], stdout=uri)
    for role, account in ((Role.CUSTOMER, CUSTOMER), (Role.CHANNEL_PARTNER, PARTNER)):
        call_command("create_user", role=role.value, **account, stdout=io.StringIO())
    return {
        "walk": walk,
        "kam": kam,
        "admin": {**admin, "totpUri": uri.getvalue().strip()},
        "customer": CUSTOMER,
        "channelPartner": PARTNER,
    }


def _make_staff(role: Role, account: dict[str, str]) -> dict[str, str]:
    password = secrets.token_urlsafe(18)
    os.environ[_PASSWORD_VARIABLE] = password
    try:
        call_command(
            "create_user",
            role=role.value,
            **account,
            password_env=_PASSWORD_VARIABLE,
            stdout=io.StringIO(),
        )
    finally:
        del os.environ[_PASSWORD_VARIABLE]
    return {**account, "password": password}
