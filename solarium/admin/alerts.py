"""Marking alerts as seen."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import SecurityEvent, User
from integrations.models import Alert
from solarium.admin.acting import record


def mark_seen(request: HttpRequest, alerts: QuerySet[Alert], *, now: datetime) -> int:
    """Note who looks after alerts that nobody had seen yet; record and return how many."""
    user = cast(User, request.user)
    seen = alerts.filter(seen_at__isnull=True).update(
        seen_at=now, seen_by=user.name or str(user.pk)
    )
    if seen:
        record(request, SecurityEvent.Kind.ALERT_SEEN, subject="", detail=f"{seen} alerts")
    return seen
