"""Lists, a page at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, kw_only=True)
class Page(Generic[M]):
    """One page of a list; ``items`` is empty past the end."""

    items: list[M]
    page: int
    pages: int
    total: int


def read_page(found: QuerySet[Any], *, page: int) -> Page[Any]:
    """Return a page, counted from 1, of what a query in its order finds."""
    paginator = Paginator(found, settings.PAGE_SIZE)
    # Not asked of the database past the end: a huge offset is an error in SQLite.
    items = list(paginator.page(page).object_list) if page <= paginator.num_pages else []
    return Page(items=items, page=page, pages=paginator.num_pages, total=paginator.count)


def present_page(
    page: Page[Any], *, plural: str, present: Callable[[Any], dict[str, Any]]
) -> dict[str, Any]:
    """Return a list answer under its plural name."""
    return {
        plural: [present(item) for item in page.items],
        "page": page.page,
        "pages": page.pages,
        "total": page.total,
    }
