from __future__ import annotations

from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "integrations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from integrations import alert_watch, undelivered

        alert_watch.add_alert_check(name="undelivered", check=undelivered.check)
        from integrations import checks as checks  # registers itself
        from integrations import key_checks as key_checks  # registers itself
        from integrations import report_checks as report_checks  # registers itself
