"""What the views of documents and of references have in common."""

from __future__ import annotations

from typing import cast

from rest_framework.request import Request

from accounts.models import User
from accounts.permissions import HasRole
from accounts.roles import Role
from api.views import APIView


class DocumentsAPIView(APIView):
    """For every role; what an account may see and do is decided per object."""

    permission_classes = (HasRole,)
    roles = frozenset(Role)


def caller(request: Request) -> User:
    """Return the account; ``HasRole`` let nobody else pass."""
    return cast(User, request.user)
