"""``Authorization: Token <token>``; never a session cookie (S43)."""

from __future__ import annotations

import re

from django.db import connection
from django.utils import timezone
from knox import auth
from knox.crypto import hash_token
from rest_framework.exceptions import AuthenticationFailed

from accounts import postgres
from accounts.models import AuthToken, User

_TOKEN = re.compile(rb"[0-9a-f]{64}")


class TokenAuthentication(auth.TokenAuthentication):  # type: ignore[misc]  # knox is untyped
    """Knox's header and tokens, looked up by their digest in one statement.

    Knox itself would look at every token of the user, with each request, and delete old ones;
    `purge_records` does that.

    Raises:
        AuthenticationFailed: 401 for every cause: unknown, over, ended, account disabled.
    """

    def authenticate_credentials(self, token: bytes) -> tuple[User, AuthToken]:
        # Knox would pass bytes that are no UTF-8, and NULs that PostgreSQL refuses.
        if not _TOKEN.fullmatch(token):
            raise AuthenticationFailed
        found = _find(digest=hash_token(token.decode()))
        if found is None or found.expiry is None or found.expiry <= timezone.now():
            raise AuthenticationFailed
        if not found.user.is_active:
            raise AuthenticationFailed
        return found.user, found


def _find(*, digest: str) -> AuthToken | None:
    if connection.vendor == "postgresql":
        return postgres.find_token(digest=digest)
    found: AuthToken | None = AuthToken.objects.select_related("user").filter(digest=digest).first()
    return found
