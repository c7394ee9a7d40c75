"""The site behind ``/admin/``: who may enter, its pages besides the lists, its content policy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.module_loading import import_string
from unfold.sites import UnfoldAdminSite

from accounts.forms import StaffLoginForm
from accounts.models import SecurityEvent
from accounts.refusals import record_refusal
from api.address import client_address
from solarium.middleware import CONTENT_SECURITY_POLICY

# Unfold's menus and dialogs are Alpine.js, which turns attributes into functions at run time.
# Inline scripts and foreign hosts stay forbidden.
ADMIN_CONTENT_SECURITY_POLICY = f"{CONTENT_SECURITY_POLICY}; script-src 'self' 'unsafe-eval'"

# Not imported here: they register themselves at this site while it is being made.
PAGES = (
    ("live", "solarium.admin.dashboard_pages.live", "dashboard_live"),
    ("timeline", "solarium.admin.timeline_pages.timeline", "timeline"),
    ("timeline/<slug:fingerprint>", "solarium.admin.timeline_pages.timeline_of", "timeline_of"),
    ("reveal/<slug:kind>/<uuid:pk>", "solarium.admin.account_acts.reveal", "reveal"),
    ("switches", "solarium.admin.provider_acts.switches", "provider_switches"),
    ("switches/<slug:provider>", "solarium.admin.provider_acts.switch", "provider_switch"),
    ("accounts/user/<uuid:pk>/phone", "solarium.admin.account_acts.change_phone", "change_phone"),
    ("accounts/user/<uuid:pk>/end", "solarium.admin.account_acts.end_sessions", "end_sessions"),
    (
        "documents/document/<uuid:pk>/confirm",
        "solarium.admin.document_acts.confirm_again",
        "confirm_again",
    ),
    ("otp/challenge/<uuid:pk>/lift", "solarium.admin.account_acts.lift_lock", "lift_lock"),
    (
        "otp/demonumber/make",
        "solarium.admin.demo_numbers.make_demo_number",
        "make_demo_number",
    ),
    (
        "otp/demonumber/<int:pk>/remove",
        "solarium.admin.demo_numbers.remove_demo_number",
        "remove_demo_number",
    ),
    ("integrations/alert/<int:pk>/seen", "solarium.admin.provider_acts.see_alert", "see_alert"),
    (
        "integrations/suppression/<slug:pk>/lift",
        "solarium.admin.provider_acts.lift_suppression",
        "lift_suppression",
    ),
)


class SolariumAdminSite(UnfoldAdminSite):  # type: ignore[misc]  # Unfold is untyped
    """Staff only, and only with a second factor (S59)."""

    login_form = StaffLoginForm
    index_title = "Dashboard"

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether this is staff, with a session that was opened by password and code."""
        user: Any = request.user
        return bool(user.is_active and user.is_staff and user.is_verified())

    def admin_view(
        self, view: Callable[..., HttpResponseBase], cacheable: bool = False
    ) -> Callable[..., HttpResponseBase]:
        inner = super().admin_view(view, cacheable)

        def hardened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return _with_policy(inner(request, *args, **kwargs))

        return hardened

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        response = super().login(request, extra_context)
        if request.method == "POST" and response.status_code != 302:
            record_refusal(
                kind=SecurityEvent.Kind.LOGIN,
                code="bad_credentials",
                client_address=client_address(request),
                subject=_name_of(request),
            )
        return _with_policy(response)

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        context = import_string("solarium.admin.dashboard_pages.context")(request)
        page: TemplateResponse = super().index(request, {**context, **(extra_context or {})})
        return page

    def extra_urls(self) -> list[URLPattern]:
        """Unfold asks for these."""
        return [
            path(route, self.admin_view(_later(view)), name=name) for route, view, name in PAGES
        ]


def _name_of(request: HttpRequest) -> str:
    """Return whom a login named, as far as a column can hold it."""
    return request.POST.get("username", "").replace("\0", "").strip().lower()[:254]


def _with_policy(response: HttpResponseBase) -> HttpResponseBase:
    response["Content-Security-Policy"] = ADMIN_CONTENT_SECURITY_POLICY
    return response


def _later(dotted: str) -> Callable[..., HttpResponseBase]:
    def view(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        answer: HttpResponseBase = import_string(dotted)(request, **kwargs)
        return answer

    return view
