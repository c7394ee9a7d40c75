"""Who people are, and which front end admits whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db.models import TextChoices


class Role(TextChoices):
    """What an account may do; exactly one per account."""

    ADMIN = "ADMIN", "Admin"
    KAM = "KAM", "Key account manager"
    CHANNEL_PARTNER = "CHANNEL_PARTNER", "Channel partner"
    CUSTOMER = "CUSTOMER", "Customer"


class App(TextChoices):
    """The front end that a token was made for."""

    CPAPP = "CPAPP", "Channel partner app"
    CUSTAP = "CUSTAP", "Customer app"
    WEBPRT = "WEBPRT", "Web portal"


STAFF: Final = frozenset({Role.ADMIN, Role.KAM})

ADMITS: Final[Mapping[App, frozenset[Role]]] = {
    App.CPAPP: frozenset({Role.CHANNEL_PARTNER}),
    App.CUSTAP: frozenset({Role.CUSTOMER}),
    App.WEBPRT: STAFF,
}


def admits(*, app: str, role: str) -> bool:
    """Return whether a token made for ``app`` works in the hands of ``role``."""
    return app in App.values and role in ADMITS[App(app)]
