from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from documents.models import Document, Reference


class ReadOnly:
    """To look at: documents and references are changed through the API only."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Document)
class DocumentAdmin(ReadOnly, admin.ModelAdmin[Document]):
    list_display = ("created_at", "doc_type", "state", "rejected_reason", "reference", "blob_name")
    list_filter = ("doc_type", "state", "rejected_reason")
    list_select_related = ("reference",)
    search_fields = ("=id", "=reference__id", "=blob_name")
    date_hierarchy = "created_at"


@admin.register(Reference)
class ReferenceAdmin(ReadOnly, admin.ModelAdmin[Reference]):
    list_display = ("id", "kind", "customer", "channel_partner", "kam", "updated_at")
    list_filter = ("kind",)
    list_select_related = ("customer", "channel_partner", "kam")
    search_fields = ("=id",)
