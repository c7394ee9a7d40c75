from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import groups
        from accounts import receivers as receivers  # registers itself
        from accounts import schema as schema  # registers itself

        post_migrate.connect(groups.give_permissions, dispatch_uid="accounts.groups")
