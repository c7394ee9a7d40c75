from __future__ import annotations

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "documents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from documents import watch
        from integrations import gateways

        gateways.add_alert_check(name="documents", check=watch.raise_or_resolve)
