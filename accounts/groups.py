"""The group ``ops``: whoever works in the admin may look at everything of ours."""

from __future__ import annotations

from typing import Any, Final

from django.apps import AppConfig
from django.apps import apps as installed_apps
from django.contrib.auth.management import create_permissions

OPS: Final = "ops"
OUR_APPS: Final = frozenset({"accounts", "documents", "integrations", "otp"})


def give_view_permissions(
    sender: AppConfig, using: str = "default", apps: Any = installed_apps, **kwargs: Any
) -> None:
    """Receive ``post_migrate``: let ``ops`` view the models of one of our apps."""
    if sender.label not in OUR_APPS:
        return
    try:
        group_model = apps.get_model("auth", "Group")
        permission_model = apps.get_model("auth", "Permission")
    except LookupError:
        return  # a partial migration: the tables are not there yet
    # Django makes them in a receiver of its own, which may run after this one.
    create_permissions(sender, verbosity=0, interactive=False, using=using, apps=apps)
    group, _ = group_model.objects.using(using).get_or_create(name=OPS)
    views = permission_model.objects.using(using).filter(
        content_type__app_label=sender.label, codename__startswith="view_"
    )
    group.permissions.add(*views.exclude(codename="view_authtoken"))
