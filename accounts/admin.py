from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from accounts.forms import StaffLoginForm
from accounts.models import User

# The limit on wrong passwords must hold for this door too.
admin.site.login_form = StaffLoginForm


@admin.register(User)
class UserAdmin(admin.ModelAdmin[User]):
    """Accounts without their passwords: an admin may start a reset, not set one (S32)."""

    list_display = ("id", "role", "name", "is_active", "is_staff", "created_at")
    list_filter = ("role", "is_active", "is_staff")
    search_fields = ("=phone", "=email", "name")
    fields = (
        "id",
        "role",
        "name",
        "phone",
        "email",
        "is_active",
        "is_staff",
        "groups",
        "last_login",
        "created_at",
    )
    readonly_fields = ("id", "last_login", "created_at")
    filter_horizontal: ClassVar = ["groups"]
