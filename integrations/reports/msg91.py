"""MSG91's delivery reports: v2, v3, v4 and the new webhook.

Read 2026-11-24 in msg91.com/help. Nothing is signed, so nothing is believed but that a message
which we know, to the number that we know, did or did not arrive (S41).
"""

from __future__ import annotations

import binascii
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any, Final

from integrations import redact
from integrations.models import DeliveryEvent
from integrations.reports.values import (
    MOST_REPORTS,
    Report,
    Unreadable,
    first_text,
    local_time,
    parse_json,
    text,
)

PROVIDER: Final = "msg91"
State = DeliveryEvent.State
# 9: NDNC, 16 and 25: rejected, 17: blocked number, 8: in flight (a field report).
STATES: Final = {
    "1": State.DELIVERED,
    "2": State.UNDELIVERED,
    "9": State.UNDELIVERED,
    "16": State.UNDELIVERED,
    "17": State.UNDELIVERED,
    "25": State.UNDELIVERED,
    "8": State.UNDERWAY,
}
# Lower-case parts of their words. The first kind goes first: "undelivered" holds "delivered".
UNDELIVERED_WORDS: Final = (
    *("fail", "reject", "undeliver", "not deliver", "ndnc", "dnd", "block", "expire", "invalid"),
)
DELIVERED_WORD: Final = "deliver"
MOST_FIELDS: Final = 20  # of a form


def parse(body: bytes, *, now: datetime) -> list[Report]:
    """Return the reports of a body, the first `MOST_REPORTS`; what cannot be read is left out."""
    try:
        rows = islice(_rows(_json_of(body)), MOST_REPORTS)
        found = [_report(row, now=now) for row in rows]
    except Unreadable:
        return []
    return [report for report in found if report is not None]


def _json_of(body: bytes) -> Any:
    """Tell the formats by the body: the content type says nothing that it would not say."""
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return parse_json(body)
    for field in body.split(b"&", MOST_FIELDS)[:MOST_FIELDS]:
        name, _, value = field.partition(b"=")
        if name == b"data":
            # The same escapes as in a mail, but for their sign: decoded in C, ten times as fast as
            # urllib does it.
            quoted = value.replace(b"+", b" ").replace(b"=", b"=3D").replace(b"%", b"=")
            return parse_json(binascii.a2b_qp(quoted))
    raise Unreadable


def _rows(parsed: Any) -> Iterator[dict[str, Any]]:
    """Give out the reports one by one; v2 has them in groups of one request.

    An element of v4 holds a list ``data`` and names no message: it becomes a row without an id.
    """
    for each in parsed if isinstance(parsed, list) else [parsed]:
        if not isinstance(each, dict):
            continue
        group = each.get("report")
        if isinstance(group, list):
            for row in group:
                if isinstance(row, dict):
                    yield {"requestId": each.get("requestId"), **row}
        else:
            yield each


def _report(row: dict[str, Any], *, now: datetime) -> Report | None:
    request_id = text(row.get("requestId"))
    number = first_text(row, "number", "telNum").removeprefix("+")
    if not request_id or not (number.isascii() and number.isdigit() and len(number) <= 15):
        return None
    status = text(row.get("status"))
    known = STATES.get(status)
    words = first_text(row, "desc", "description") if known != State.DELIVERED else ""
    state = known.value if known else state_of_words(status, words)
    reason = ""
    if state == State.UNDELIVERED:
        reason = first_text(row, "failedReason", "failureReason") or words
    recipient = f"+{number}"
    return Report(
        # A digest with our key: a number could be guessed from any other.
        event_id=redact.fingerprint(f"{request_id}|{number}|{status or words}"),
        state=state,
        kind=status or words,
        reason=reason,
        recipient=recipient,
        at=local_time(first_text(row, "date", "deliveryTime", "requestedAt"), now=now),
        message_ids=(request_id,),
        correlation_id=text(row.get("CRQID")),
    )


def state_of_words(status: str, words: str) -> str:
    """Return what a word means; where it is none that we know, the description decides."""
    for said in (status.lower(), words.lower()):
        if any(word in said for word in UNDELIVERED_WORDS):
            return State.UNDELIVERED.value
        if DELIVERED_WORD in said:
            return State.DELIVERED.value
    return State.UNDERWAY.value
