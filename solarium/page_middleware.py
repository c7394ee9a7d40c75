"""Django's middleware for pages: the admin, the reset page, the API's description. API paths pass
it by.

An API view takes a token and nothing else (S43): a session, a CSRF cookie or a flash message would
be work without a use there. Whatever is not known to be the API is a page.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.deprecation import MiddlewareMixin
from django_otp.middleware import OTPMiddleware

_API = ("/integrations/", "/documents", "/auth/", "/healthz", "/readyz", "/metrics", "/api/")
_PAGES_IN_IT = ("/auth/password/reset/", "/api/docs", "/api/schema")


def is_page(path: str) -> bool:
    """Whether a path may lead to a page with a session or a form."""
    return path.startswith(_PAGES_IN_IT) or not path.startswith(_API)


class _PagesOnly(MiddlewareMixin):
    def __call__(self, request: HttpRequest) -> Any:
        return super().__call__(request) if is_page(request.path) else self.get_response(request)


class PageSessionMiddleware(_PagesOnly, SessionMiddleware):
    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        # A page that renews itself is no sign that somebody sits before it (S25).
        if getattr(request, "renews_itself", False):
            return response
        return super().process_response(request, response)


class PageCsrfMiddleware(_PagesOnly, CsrfViewMiddleware):
    def process_view(
        self,
        request: HttpRequest,
        callback: Callable[..., HttpResponseBase],
        callback_args: tuple[Any, ...],
        callback_kwargs: dict[str, Any],
    ) -> HttpResponseForbidden | None:
        if not is_page(request.path):
            return None
        return super().process_view(request, callback, callback_args, callback_kwargs)


class PageAuthenticationMiddleware(_PagesOnly, AuthenticationMiddleware):
    pass


class PageOTPMiddleware(OTPMiddleware):  # type: ignore[misc]  # django-otp is untyped
    """Knows whether the session was opened with a second factor."""

    def __call__(self, request: HttpRequest) -> Any:
        return super().__call__(request) if is_page(request.path) else self.get_response(request)


class PageMessageMiddleware(_PagesOnly, MessageMiddleware):
    pass
