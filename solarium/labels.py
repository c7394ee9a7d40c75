"""States as colored labels, times with units. Imports no admin: Unfold loads this as it loads."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString

COLORS = {
    "accepted": "success",
    "available": "success",
    "verified": "success",
    "ok": "success",
    "active": "success",
    "delivered": "success",
    "rejected": "danger",
    "undelivered": "danger",
    "failed": "danger",
    "down": "danger",
    "open": "danger",
    "unavailable": "warning",
    "unknown": "warning",
    "refused": "warning",
    "degraded": "warning",
    "half_open": "warning",
    "pending": "info",
    "started": "info",
    "staged": "info",
    "underway": "info",
}


def label(value: str) -> SafeString:
    """Return a state as a colored label; the value is escaped, whoever wrote it."""
    return format_html(
        '<span class="so-label so-{}">{}</span>', COLORS.get(value, "plain"), value or "–"
    )


def ms(value: float | None) -> str:
    """Return a time in milliseconds with its unit, long ones in seconds; a dash where none is."""
    if value is None:
        return "–"
    return f"{value:.0f}\u00a0ms" if value < 1000 else f"{value / 1000:.1f}\u00a0s"
