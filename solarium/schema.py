"""``/api/schema`` and ``/api/docs``: open in debug; in production for ADMIN and KAM by their token,
and for whoever is logged in to the admin (S66).

A browser sends no token with a page that it opens, nor does the page when it fetches the schema.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import TokenAuthentication
from accounts.permissions import has_role
from accounts.roles import STAFF
from api.address import client_address
from api.negotiation import PreferredOrFirst
from api.views import APIView
from solarium.admin_networks import is_allowed
from solarium.middleware import CONTENT_SECURITY_POLICY

INLINE_SCRIPTS = "script-src 'self' 'unsafe-inline'"


class AdminSessionAuthentication(BaseAuthentication):
    """A session that was opened in the admin, with its second factor.

    For pages that are only read: from where a browser is sent to them does not matter.
    """

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        below = request._request  # Django's own knows of the session
        if not is_allowed(client_address(below)):  # from there the admin itself is 404
            return None
        return (below.user, None) if admin.site.has_permission(below) else None


class MayReadSchema(BasePermission):
    """Anything but staff gets the same 401: the contract knows no 403 here."""

    def has_permission(self, request: Request, view: Any) -> bool:
        by_session = isinstance(request.successful_authenticator, AdminSessionAuthentication)
        if settings.DEBUG or by_session or has_role(request=request, roles=STAFF):
            return True
        raise NotAuthenticated


class SchemaView(SpectacularAPIView):
    authentication_classes = (TokenAuthentication, AdminSessionAuthentication)
    permission_classes = (MayReadSchema,)
    content_negotiation_class = PreferredOrFirst
    http_method_names = APIView.http_method_names


class DocsView(SpectacularSwaggerView):
    template_name = "api/docs.html"
    authentication_classes = (TokenAuthentication, AdminSessionAuthentication)
    permission_classes = (MayReadSchema,)
    content_negotiation_class = PreferredOrFirst
    http_method_names = APIView.http_method_names

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        page: Response = super().finalize_response(request, response, *args, **kwargs)
        # Swagger UI is started by a script in the page itself; no other page may do that.
        page["Content-Security-Policy"] = f"{CONTENT_SECURITY_POLICY}; {INLINE_SCRIPTS}"
        return page
