"""Documents and references: changed through the API only. No link, no content."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.decorators import action

from documents.models import Document, Reference
from solarium.admin.filters import MomentFilter
from solarium.admin.links import ChangesOfReference, LinksOfDocument
from solarium.admin.records import RecordAdmin
from solarium.labels import label


@admin.register(Document)
class DocumentAdmin(RecordAdmin):
    list_display = ("created_at", "doc_type", "stage", "rejected_reason", "reference", "blob_name")
    list_filter = (
        *("doc_type", "state", "rejected_reason"),
        *(("created_at", MomentFilter), ("flagged_at", MomentFilter)),
    )
    list_select_related = ("reference",)
    search_exact = ("id", "blob_name", "reference_id")
    search_help_text = "Document id, reference id, or the blob's name"
    exclude = ("etag", "claimed_until", "cleaned_sha256")
    inlines: ClassVar = [LinksOfDocument]
    actions_detail: ClassVar = ["timeline", "confirm_again"]

    @admin.display(description="State")
    def stage(self, document: Document) -> SafeString:
        return label(document.state)

    @action(description="Timeline", icon="timeline")  # type: ignore[untyped-decorator]
    def timeline(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect(f"{reverse('admin:timeline')}?document={object_id}")

    def has_confirm_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the person may have an upload looked at again."""
        return request.user.has_perm("documents.change_document")

    @action(  # type: ignore[untyped-decorator]
        description="Confirm again", permissions=["confirm"], icon="fact_check"
    )
    def confirm_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect(reverse("admin:confirm_again", args=[object_id]))


@admin.register(Reference)
class ReferenceAdmin(RecordAdmin):
    list_display = ("id", "kind", "customer", "channel_partner", "kam", "updated_at")
    list_filter = ("kind", ("updated_at", MomentFilter))
    list_select_related = ("customer", "channel_partner", "kam")
    search_exact = ("id",)
    search_help_text = "Reference id"
    inlines: ClassVar = [ChangesOfReference]
