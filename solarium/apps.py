from __future__ import annotations

import socket

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.db.backends.signals import connection_created


class SolariumConfig(AppConfig):
    name = "solarium"
    default = True

    def ready(self) -> None:
        from integrations import gateways
        from solarium import (
            checks,  # noqa: F401  (register)
            clock,
            fresh_login,  # noqa: F401
            lost_connections,
            monitoring,  # noqa: F401
            retention_checks,  # noqa: F401
        )

        connection_created.connect(lost_connections.watch)
        # By one process of each machine: every machine has a clock of its own.
        gateways.add_alert_check(name=f"clock:{socket.gethostname()}", check=clock.tell_if_off)


class SolariumAdminConfig(admin_apps.AdminConfig):
    """``django.contrib.admin`` with our site in the place of its own."""

    default_site = "solarium.admin_site.SolariumAdminSite"
    default = False
