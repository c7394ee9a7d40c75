from __future__ import annotations

from django.apps import AppConfig


class OTPConfig(AppConfig):
    name = "otp"

    def ready(self) -> None:
        from integrations import gateways
        from otp import checks, deliveries, funnel  # noqa: F401  (checks register themselves)

        gateways.add_alert_check(name="otp_funnel", check=funnel.check)
        gateways.delivery_reported.connect(deliveries.move_challenges)
