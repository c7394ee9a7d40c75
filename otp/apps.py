from __future__ import annotations

from django.apps import AppConfig


class OTPConfig(AppConfig):
    name = "otp"
