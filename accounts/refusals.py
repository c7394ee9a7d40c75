"""Recording what was refused, so that a flood of refusals is no flood of rows (S58)."""

from __future__ import annotations

from uuid import UUID

from accounts import security_events
from accounts.models import SecurityEvent
from api.limits import Window
from integrations.redact import fingerprint

WINDOW_SECONDS = 60
ROWS_PER_ADDRESS = 60  # a minute, whatever the cause: one address tries many accounts


def record_refusal(
    *,
    kind: SecurityEvent.Kind,
    code: str,
    client_address: str,
    actor_id: UUID | None = None,
    subject: str = "",
) -> None:
    """
    Record a refusal, at most once a minute for the same code, caller and subject.

    Args:
        code: The problem's code; becomes the detail.
        actor_id: The account that was refused; None for a stranger.
        subject: The phone or mail address in question, where it is known.
    """
    who = str(actor_id or client_address)
    same = f"{kind}|{code}|{who}|{fingerprint(subject) if subject else ''}"
    for window in (
        Window("event_same", same, 1, WINDOW_SECONDS),
        Window("event_address", client_address, ROWS_PER_ADDRESS, WINDOW_SECONDS),
    ):
        if window.take():
            return
    security_events.record(
        kind=kind,
        result=SecurityEvent.Result.REFUSED,
        actor_id=actor_id,
        subject=subject,
        client_address=client_address,
        detail=code,
    )
