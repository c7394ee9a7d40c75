from __future__ import annotations

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class SolariumConfig(AppConfig):
    name = "solarium"
    default = True

    def ready(self) -> None:
        from solarium import checks, fresh_login, monitoring, retention_checks  # noqa: F401  (register)


class SolariumAdminConfig(admin_apps.AdminConfig):
    """``django.contrib.admin`` with our site in the place of its own."""

    default_site = "solarium.admin_site.SolariumAdminSite"
    default = False
