from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from integrations import redact
from otp.models import Challenge


@admin.register(Challenge)
class ChallengeAdmin(admin.ModelAdmin[Challenge]):
    """Records: no code, no digest, no full number."""

    fields = (
        "id",
        "masked_phone",
        "app",
        "state",
        "attempts",
        "created_at",
        "accepted_at",
        "expires_at",
        "verified_at",
        "failed_at",
    )
    readonly_fields = ("masked_phone",)
    list_display = ("created_at", "masked_phone", "app", "state", "attempts")
    list_filter = ("app", "state")
    search_fields = ("=id",)

    @admin.display(description="Phone")
    def masked_phone(self, challenge: Challenge) -> str:
        return redact.mask_phone(challenge.phone_id)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
