"""Records as security events what happens in other apps, in the admin, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import security_events
from accounts.models import SecurityEvent, User
from accounts.refusals import record_refusal
from api.address import client_address
from api.signals import request_refused
from integrations.gateways import ops_action

Kind = SecurityEvent.Kind
KINDS: Final[Mapping[str, SecurityEvent.Kind]] = {
    "not_authenticated": Kind.DENIED,
    "otp_incorrect": Kind.LOGIN,
    "otp_expired": Kind.LOGIN,
    "account_not_allowed": Kind.LOGIN,
    "reset_link_invalid": Kind.PASSWORD_RESET,
}
KINDS_BY_STATUS: Final[Mapping[int, SecurityEvent.Kind]] = {403: Kind.DENIED, 429: Kind.LIMIT}
# Where the account's address is known: accounts.login, accounts.lockout.
RECORDED_ELSEWHERE: Final = "login_locked"


@receiver(ops_action)
def record_ops_action(
    *, kind: str, detail: str, actor_id: UUID | None = None, **kwargs: Any
) -> None:
    """Keep what was done with keys, switches and alerts."""
    security_events.record(
        kind=SecurityEvent.Kind(kind),
        result=SecurityEvent.Result.OK,
        actor_id=actor_id,
        detail=detail,
    )


@receiver(request_refused)
def record_refused_request(
    *, status: int, code: str, user_id: UUID | None, address: str, **kwargs: Any
) -> None:
    """Keep denied access, limits that were reached, and codes and links that were wrong."""
    kind = KINDS.get(code) or KINDS_BY_STATUS.get(status)
    if kind is not None and code != RECORDED_ELSEWHERE:
        record_refusal(kind=kind, code=code, client_address=address, actor_id=user_id)


@receiver(user_logged_in)
def record_admin_login(*, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Keep who entered the admin; the API has no such sessions."""
    _record_admin(SecurityEvent.Kind.LOGIN, request, user)


@receiver(user_logged_out)
def record_admin_logout(*, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    """Keep who left the admin; nobody was logged in where ``user`` is None."""
    if user is not None:
        _record_admin(SecurityEvent.Kind.LOGOUT, request, user)


def _record_admin(kind: SecurityEvent.Kind, request: HttpRequest | None, user: User) -> None:
    security_events.record(
        kind=kind,
        result=SecurityEvent.Result.OK,
        actor_id=user.pk,
        subject=user.email or "",
        client_address=client_address(request) if request is not None else "",
        detail="admin",
    )
