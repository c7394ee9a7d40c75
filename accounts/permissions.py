"""Who may call a view."""

from __future__ import annotations

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import AuthToken, User
from accounts.roles import admits


class HasRole(BasePermission):
    """Admits the roles in the view's ``roles``, by a token of an app that admits them too.

    Without a token the answer is 401, with another role or app 403.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        return has_role(request=request, roles=getattr(view, "roles", frozenset()))


def has_role(*, request: Request, roles: frozenset[str]) -> bool:
    """Return whether the caller has one of ``roles``, for views that decide after the form."""
    user, token = request.user, request.auth
    return (
        isinstance(user, User)
        and isinstance(token, AuthToken)
        and user.role in roles
        and admits(app=token.app, role=user.role)
    )
