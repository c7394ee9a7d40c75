"""The groups of the admin: ``ops`` sees and acts, ``support`` sees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.apps import AppConfig
from django.apps import apps as installed_apps
from django.contrib.auth.management import create_permissions

OPS: Final = "ops"
SUPPORT: Final = "support"
OUR_APPS: Final = frozenset({"accounts", "documents", "integrations", "otp"})
# What is never shown, to nobody.
HIDDEN: Final = ("view_authtoken",)
# What ops may do besides looking, per app.
ACTS: Final[Mapping[str, tuple[str, ...]]] = {
    "accounts": ("change_user", "reveal_personal_data"),
    "documents": ("change_document",),
    "integrations": ("change_alert", "change_providerswitch", "delete_suppression"),
    "otp": ("add_demonumber", "change_phone", "delete_demonumber"),
}


def give_permissions(
    sender: AppConfig, using: str = "default", apps: Any = installed_apps, **kwargs: Any
) -> None:
    """Receive ``post_migrate``: make both groups, with their rights in one of our apps."""
    if sender.label not in OUR_APPS:
        return
    try:
        group_model = apps.get_model("auth", "Group")
        permission_model = apps.get_model("auth", "Permission")
    except LookupError:
        return  # a partial migration: the tables are not there yet
    # Django makes them in a receiver of its own, which may run after this one.
    create_permissions(sender, verbosity=0, interactive=False, using=using, apps=apps)
    ours = permission_model.objects.using(using).filter(content_type__app_label=sender.label)
    views = ours.filter(codename__startswith="view_").exclude(codename__in=HIDDEN)
    for name in (OPS, SUPPORT):
        group, _ = group_model.objects.using(using).get_or_create(name=name)
        group.permissions.add(*views)
        if name == OPS:
            group.permissions.add(*ours.filter(codename__in=ACTS.get(sender.label, ())))
