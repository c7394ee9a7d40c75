"""``Authorization: Token <token>``; never a session cookie (S43)."""

from __future__ import annotations

import re
from typing import Any

from django.utils import timezone
from knox import auth
from rest_framework.exceptions import AuthenticationFailed

from accounts.models import AuthToken

_TOKEN = re.compile(rb"[0-9a-f]{64}")


class TokenAuthentication(auth.TokenAuthentication):  # type: ignore[misc]  # knox is untyped
    """Knox's, for what can be one of our tokens at all.

    Raises:
        AuthenticationFailed: 401 for every cause: unknown, over, ended, account disabled.
    """

    def authenticate_credentials(self, token: bytes) -> tuple[Any, Any]:
        # Knox would pass bytes that are no UTF-8, and NULs that PostgreSQL refuses.
        if not _TOKEN.fullmatch(token):
            raise AuthenticationFailed
        user, auth_token = super().authenticate_credentials(token)
        return user, auth_token

    def _cleanup_token(self, auth_token: AuthToken) -> bool:
        # Knox would look at all tokens of the user here, with every request, and delete old ones.
        return auth_token.expiry is not None and auth_token.expiry <= timezone.now()
