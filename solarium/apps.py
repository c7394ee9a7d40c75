from __future__ import annotations

from django.apps import AppConfig


class SolariumConfig(AppConfig):
    name = "solarium"

    def ready(self) -> None:
        from solarium import checks, monitoring, retention_checks  # noqa: F401  (register checks)
