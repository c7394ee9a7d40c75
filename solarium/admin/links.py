"""Who had which right on which document, and who took part in which reference: to look at only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from unfold.admin import TabularInline

from documents.models import ReferenceChange, SASGrant
from solarium.admin.filters import MomentFilter
from solarium.admin.records import RecordAdmin

MOST_ROWS = 50  # under a record; the list has them all


class NewestRows(BaseInlineFormSet):  # type: ignore[type-arg]  # generic in the stubs only
    """The newest rows of a record: a busy account has thousands."""

    _newest: list[Any] | None = None

    def get_queryset(self) -> QuerySet[Any]:
        if self._newest is None:
            self._newest = list(super().get_queryset()[:MOST_ROWS])
        return self._newest  # type: ignore[return-value]  # Django only counts and indexes it


class RecordInline(TabularInline):  # type: ignore[misc]  # Unfold is untyped
    """Read-only rows under a record, the newest first."""

    formset = NewestRows
    extra = 0
    can_delete = False
    show_change_link = False
    hide_title = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class LinksOfDocument(RecordInline):
    model = SASGrant
    verbose_name_plural = "newest links"
    fields = readonly_fields = ("issued_at", "user", "right", "client_address", "expires_at")


class LinksOfPerson(RecordInline):
    model = SASGrant
    verbose_name_plural = "newest links"
    fields = readonly_fields = ("issued_at", "document", "right", "client_address", "expires_at")


class ChangesOfReference(RecordInline):
    model = ReferenceChange
    verbose_name_plural = "newest changes"
    fields = readonly_fields = ("at", "actor_id", "field", "was", "became")


@admin.register(SASGrant)
class SASGrantAdmin(RecordAdmin):
    """The ledger of links: insert-only. No link can be had from it."""

    list_display = ("issued_at", "user", "right", "blob_name", "client_address", "expires_at")
    list_filter = ("right", ("issued_at", MomentFilter))
    list_select_related = ("user",)
    search_exact: ClassVar[tuple[str, ...]] = (
        "document_id",
        "user_id",
        "blob_name",
        "signature_sha256",
        "client_address",
        "correlation_id",
    )
    search_help_text = "Document or account id, blob, address, correlation id, SHA-256 of a sig"
