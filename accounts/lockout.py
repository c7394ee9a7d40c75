"""How django-axes counts wrong logins of the admin: per account and address, without naming them.

`accounts.login` does the same for the API; each login counts at one of the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

from accounts.models import SecurityEvent
from accounts.refusals import record_refusal
from api.address import client_address
from integrations.redact import fingerprint


def username_of(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str:
    """Return the stand-in under which failures of an account are kept."""
    name = (credentials or {}).get("username") or request.POST.get("username") or ""
    return fingerprint(str(name))


def address_of(request: HttpRequest) -> str | None:
    """Return the caller's address; of an IPv6 /64 its first."""
    address = client_address(request).partition("/")[0]
    return None if address == "unknown" else address


def locked_out(
    request: HttpRequest,
    original_response: HttpResponseBase,
    credentials: Mapping[str, Any] | None = None,
) -> HttpResponseBase:
    """Answer a login that is locked, and record it."""
    record_refusal(
        kind=SecurityEvent.Kind.LIMIT,
        code="login_locked",
        client_address=client_address(request),
        subject=str((credentials or {}).get("username") or "").lower(),
    )
    seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
    context = {**admin.site.each_context(request), "title": "Locked", "minutes": seconds // 60}
    response = TemplateResponse(request, "admin/locked.html", context, status=429)
    response["Retry-After"] = str(seconds)
    response["Cache-Control"] = "no-store"
    policy = original_response.get("Content-Security-Policy")
    if policy:
        response["Content-Security-Policy"] = policy
    return response.render()
