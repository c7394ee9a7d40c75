"""The dashboard as the admin's first page, and the part of it that renews itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from integrations import shared_cache
from solarium.admin import dashboard

DAY_KEY: Final = "admin:dashboard:day:2"  # another number when `dashboard.Day` changes
DAY_SECONDS: Final = 60  # the counts of a day may be so old


def context(request: HttpRequest) -> dict[str, Any]:
    """Return what the index shows besides the site's own."""
    now = timezone.now()
    return {
        "dashboard": dashboard.read(now=now, day=_day(now=now)),
        "may_see_alerts": request.user.has_perm("integrations.change_alert"),
    }


def _day(*, now: datetime) -> dashboard.Day:
    """Return the day's counts, counted once a minute for all who look."""
    kept: dashboard.Day | None = shared_cache.ask(lambda cache: cache.get(DAY_KEY), None)
    if kept is None:  # also while the cache is down: just then somebody will look
        kept = day = dashboard.read_day(now=now)
        shared_cache.ask(lambda cache: cache.set(DAY_KEY, day, timeout=DAY_SECONDS), None)
    return kept


def live(request: HttpRequest) -> HttpResponse:
    """The inner part alone; `admin.js` asks every 30 s. It does not keep the session alive."""
    request.renews_itself = True  # type: ignore[attr-defined]  # PageSessionMiddleware looks
    return render(request, "admin/dashboard_live.html", context(request))
