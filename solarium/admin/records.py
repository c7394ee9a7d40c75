"""What all lists of records have in common: to look at, never to change, and never counted."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest
from django.utils.functional import cached_property
from unfold import paginator
from unfold.admin import ModelAdmin

from api.fields import parse_phone
from integrations import redact

REVEAL = "accounts.reveal_personal_data"
ROWS_A_PAGE = 50
MOST_PAGES = 200  # a later one would make the database skip over 10,000 rows: filter instead


class InfinitePaginator(paginator.InfinitePaginator):  # type: ignore[misc]  # Unfold is untyped
    """Pages without COUNT(*): at 10^6 rows that took longer than the page itself.

    Unfold's template knows it by this very name and then shows no number of results.
    """

    @cached_property
    def count(self) -> int:
        return int(MOST_PAGES * self.per_page)


class RecordAdmin(ModelAdmin):  # type: ignore[misc]  # Unfold is untyped
    """Read-only for everybody; whoever acts on a record does it by an action of its own.

    ``search_exact``: columns that are compared with what was typed. ``search_fingerprint``: one
    compared with the fingerprint of the phone or address that was typed.
    """

    search_exact: ClassVar[tuple[str, ...]] = ()
    search_fingerprint: ClassVar[str] = ""
    actions: ClassVar[tuple[str, ...] | None] = None
    list_per_page = ROWS_A_PAGE
    paginator = InfinitePaginator
    list_max_show_all = 0
    empty_value_display = "–"
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_filter_submit = True
    list_fullwidth = True

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_reveal_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the person may see numbers and addresses in full; the page asks for a reason."""
        return request.user.has_perm(REVEAL)

    def get_record(self, request: HttpRequest, object_id: str) -> Any:
        """Return the row that an action's address names; 404 where there is none."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        return row

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return self.search_exact

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find by an exact value: each way uses an index, and nothing is compared in part."""
        text = search_term.strip()
        if not text:
            return queryset, False
        wanted: dict[str, Any]
        for wanted in self.lookups(text):
            found = queryset.filter(**wanted)
            if found.exists():
                return found, False
        return queryset.none(), False

    def lookups(self, text: str) -> list[dict[str, Any]]:
        """Return the filters to try, the likeliest first."""
        subject = normalized(text)
        tries: list[dict[str, Any]] = []
        if subject and self.search_fingerprint:
            tries.append({self.search_fingerprint: redact.fingerprint(subject)})
        for name in self.search_exact:
            field = self.model._meta.get_field(name.split("__")[0])
            field = getattr(field, "target_field", field)
            if field.get_internal_type() != "UUIDField" or _UUID.fullmatch(text):
                tries.append({name: text})
        return tries


_UUID = re.compile(r"[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")


def normalized(text: str) -> str:
    """Return a phone in E.164, an address in lower case, as rows know them; else empty."""
    text = text.strip()
    if "@" in text:
        return text.lower()
    return parse_phone(text) or ""


def mask(row: Model, name: str) -> str:
    """Return a phone or address of a row in its masked form."""
    return redact.mask_recipient(str(getattr(row, name) or ""))
