from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from integrations.models import GatewayCall


@admin.register(GatewayCall)
class GatewayCallAdmin(admin.ModelAdmin[GatewayCall]):
    """Records: to look at, never to change."""

    list_display = (
        "started_at",
        "provider",
        "operation",
        "outcome",
        "recipient_masked",
        "reference",
    )
    list_filter = ("provider", "operation", "outcome")
    search_fields = ("=correlation_id", "=provider_message_id", "=reference")
    exclude = ("recipient_fingerprint",)
    date_hierarchy = "started_at"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
