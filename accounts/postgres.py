"""Looking a token up with SQL of PostgreSQL: every authenticated request does.

The ORM builds the join anew each time, which took a third of a SAS (benchmarks/README.md).
`accounts.authentication` says what it is for; on other databases it uses the ORM.
"""

from __future__ import annotations

from django.db import connection

from accounts.models import AuthToken, User

_TOKEN = [field.attname for field in AuthToken._meta.concrete_fields]
_USER = [field.attname for field in User._meta.concrete_fields]
_FIND = (
    f"SELECT {', '.join(f't.{name}' for name in _TOKEN)}, "  # noqa: S608  (names of our own models)
    f"{', '.join(f'u.{name}' for name in _USER)} "
    f"FROM {AuthToken._meta.db_table} AS t JOIN {User._meta.db_table} AS u ON u.id = t.user_id "
    "WHERE t.digest = %s"
)


def find_token(*, digest: str) -> AuthToken | None:
    """Return the token of this digest with its user, or None."""
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [digest])
        row = cursor.fetchone()
    if row is None:
        return None
    token: AuthToken = AuthToken.from_db(connection.alias, _TOKEN, row[: len(_TOKEN)])
    token.user = User.from_db(connection.alias, _USER, row[len(_TOKEN) :])
    return token
