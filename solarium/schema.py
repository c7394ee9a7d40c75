"""``/api/schema`` and ``/api/docs``: open in debug, for ADMIN and KAM in production (S66)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.roles import STAFF
from api.negotiation import PreferredOrFirst
from solarium.middleware import CONTENT_SECURITY_POLICY

INLINE_SCRIPTS = "script-src 'self' 'unsafe-inline'"


class MayReadSchema(BasePermission):
    """Anything but staff gets the same 401: the contract knows no 403 here."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if settings.DEBUG or getattr(request.user, "role", None) in STAFF:
            return True
        raise NotAuthenticated


class SchemaView(SpectacularAPIView):
    permission_classes = (MayReadSchema,)
    content_negotiation_class = PreferredOrFirst


class DocsView(SpectacularSwaggerView):
    template_name = "api/docs.html"
    permission_classes = (MayReadSchema,)
    content_negotiation_class = PreferredOrFirst

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        page: Response = super().finalize_response(request, response, *args, **kwargs)
        # Swagger UI is started by a script in the page itself; no other page may do that.
        page["Content-Security-Policy"] = f"{CONTENT_SECURITY_POLICY}; {INLINE_SCRIPTS}"
        return page
