"""SendGrid's event webhook: a signed list of events.

Read 2026-11-24 in Twilio's Event Webhook Reference. Batches come twice and out of order, and are
repeated for 24 hours; whether a repeated one is signed anew is not documented.
"""

from __future__ import annotations

import binascii
from datetime import datetime
from typing import Any, Final

from sendgrid.helpers.eventwebhook import EventWebhook, EventWebhookHeader

from integrations.models import EVENT_ID_LENGTH, DeliveryEvent
from integrations.reports.values import (
    MOST_REPORTS,
    Report,
    TooManyReports,
    Unreadable,
    epoch_time,
    first_text,
    parse_json,
    text,
)

PROVIDER: Final = "sendgrid"
SIGNATURE: Final[str] = EventWebhookHeader.SIGNATURE  # headers of a post
TIMESTAMP: Final[str] = EventWebhookHeader.TIMESTAMP
OLDEST_SECONDS: Final = 24 * 3600  # so long they go on repeating (S40)
SIGNATURE_LENGTH: Final = 200  # an ECDSA signature with P-256 takes 96 characters at most
State = DeliveryEvent.State
# A complaint is about a mail that arrived. Opens, clicks and the like change nothing.
STATES: Final = {
    "processed": State.UNDERWAY,
    "deferred": State.UNDERWAY,
    "delivered": State.DELIVERED,
    "spamreport": State.DELIVERED,
    "bounce": State.UNDELIVERED,
    "dropped": State.UNDELIVERED,
}
# Why they drop mail for good: the address is on a list of theirs. Not: spam content, our quota.
DROPPED_FOR_GOOD: Final = (
    *("bounced address", "spam reporting address", "unsubscribed address"),
    *("invalid", "invalid address"),
)
ADDRESS_LENGTH: Final = 254
MOST_PARTS: Final = 8  # of a message id; theirs have five


def is_genuine(
    body: bytes, *, public_key: str, signature: str, timestamp: str, now: datetime
) -> bool:
    """Whether SendGrid signed this very body within the last 24 hours.

    Args:
        public_key: Base64 of a DER key, checked at boot.
        timestamp: As it came: seconds since 1970. Our clock may be slow by as much.
    """
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    age = now.timestamp() - int(timestamp)
    if abs(age) > OLDEST_SECONDS:
        return False
    if not signature or len(signature) > SIGNATURE_LENGTH:
        return False
    try:
        return bool(
            EventWebhook(public_key=public_key).verify_signature(
                body.decode("utf-8"), signature, timestamp
            )
        )
    except (binascii.Error, ValueError):  # not base64; not UTF-8, so not theirs
        return False


def parse(body: bytes, *, now: datetime) -> list[Report]:
    """
    Return the events of a body that say something about delivery; junk is left out.

    Raises:
        Unreadable: It is no JSON list.
        TooManyReports: More than `MOST_REPORTS`.
    """
    parsed = parse_json(body)
    if not isinstance(parsed, list):
        raise Unreadable
    if len(parsed) > MOST_REPORTS:
        raise TooManyReports
    found = [_report(each, now=now) for each in parsed if isinstance(each, dict)]
    return [report for report in found if report is not None]


def _report(row: dict[str, Any], *, now: datetime) -> Report | None:
    event, event_id = text(row.get("event")), text(row.get("sg_event_id"))
    address = text(row.get("email")).lower()
    if event not in STATES or not 0 < len(event_id) <= EVENT_ID_LENGTH:
        return None
    if "@" not in address or len(address) > ADDRESS_LENGTH:
        return None
    state = STATES[event]
    kind = text(row.get("type")) if event == "bounce" else ""
    reason = "" if event in ("delivered", "processed") else first_text(row, "reason", "response")
    return Report(
        event_id=event_id,
        state=state.value,
        kind="blocked" if kind == "blocked" else event,
        reason=reason,
        recipient=address,
        at=epoch_time(text(row.get("timestamp")), now=now),
        message_ids=_prefixes(text(row.get("sg_message_id"))),
        reference=text(row.get("app_msg_id")),
        suppresses=_is_for_good(event, kind, reason),
    )


def _is_for_good(event: str, kind: str, reason: str) -> bool:
    if event == "dropped":
        return reason.lower() in DROPPED_FOR_GOOD
    return event == "spamreport" or (event == "bounce" and kind == "bounce")


def _prefixes(message_id: str) -> tuple[str, ...]:
    """Return what our id of the mail may be, the longest first: theirs goes on behind a dot of it.

    Ours may hold dots itself, so no single place to cut is right.
    """
    parts = message_id.split(".")[:MOST_PARTS]
    return tuple(".".join(parts[:end]) for end in range(len(parts), 0, -1) if parts[0])
