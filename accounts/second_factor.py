"""The second factor of staff: a TOTP app (S27, S59). The secret is shown once, at enrolment."""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django_otp import match_token
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import User

DEVICE_NAME: Final = "authenticator app"


def enrolled_device(*, user: User) -> TOTPDevice | None:
    """Return the device whose code a login of this account needs; None: it needs none."""
    device: TOTPDevice | None = TOTPDevice.objects.filter(user=user, confirmed=True).first()
    return device


def prove(*, user: User, code: str) -> TOTPDevice | None:
    """
    Return the device that shows this code now, else None.

    A code works once, also for two logins at the same moment; after wrong ones the device waits
    1, 2, 4 … s, right codes included. Not inside a transaction that the caller may roll back: the
    count of failures would go with it.
    """
    if not (code.isascii() and code.isdigit()):
        return None
    device: TOTPDevice | None = match_token(user, code)
    return device


def enrol(*, user: User) -> str:
    """
    Give an account a new device, in place of any earlier one; of two at once the later one stays.

    Returns:
        The ``otpauth://`` URI for the app: a secret, to be shown once and kept nowhere.
    """
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        TOTPDevice.objects.filter(user=user).delete()
        device = TOTPDevice.objects.create(user=user, name=DEVICE_NAME, confirmed=True)
    return str(device.config_url)
