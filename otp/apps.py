from __future__ import annotations

from django.apps import AppConfig


class OTPConfig(AppConfig):
    name = "otp"

    def ready(self) -> None:
        from integrations import gateways
        from otp import checks, funnel, receivers  # noqa: F401  (register the system checks)

        gateways.add_alert_check(name="otp_funnel", check=funnel.check)
        gateways.delivery_reported.connect(receivers.move_challenges)
