from __future__ import annotations

from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "integrations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from integrations import (
            alert_watch,
            checks,  # noqa: F401  (register)
            key_checks,  # noqa: F401
            report_checks,  # noqa: F401
            undelivered,
        )

        alert_watch.add_alert_check(name="undelivered", check=undelivered.check)
