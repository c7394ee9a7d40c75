"""Reading values that a stranger may have written: whatever comes, a plain text or time results."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

MOST_REPORTS: Final = 1000  # of one body (S42)
TEXT_LENGTH: Final = 1000  # of any value; columns take less
AHEAD: Final = timedelta(minutes=5)  # by how much a provider's clock may be fast
INDIA: Final = ZoneInfo("Asia/Kolkata")


class Unreadable(ValueError):
    """The body is not what the provider documents."""


class TooManyReports(ValueError):
    """More reports in one body than `MOST_REPORTS`."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a provider says about one message, in our words.

    ``event_id``: equal for the same report told twice. ``state``: of ``DeliveryEvent.State``.
    ``kind``: the provider's word or code. ``recipient``: E.164 or address. ``message_ids``: what we
    may know the message by, the likeliest first; ``reference`` and ``correlation_id``: the same, by
    ids of ours. ``suppresses``: mail to this address will not arrive any more.
    """

    event_id: str
    state: str
    kind: str
    reason: str = field(repr=False)
    recipient: str = field(repr=False)
    at: datetime
    message_ids: tuple[str, ...]
    reference: str = ""
    correlation_id: str = ""
    suppresses: bool = False


def parse_json(body: bytes) -> Any:
    """
    Read JSON that may be anything.

    Raises:
        Unreadable: It is no JSON, is not UTF-8, or is nested too deep.
    """
    try:
        return json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as err:
        raise Unreadable from err


def text(value: Any) -> str:
    """Return a text or number as a text that every database takes; empty for anything else."""
    if not isinstance(value, str):
        if isinstance(value, bool) or not isinstance(value, int | float):
            return ""
        value = str(int(value) if isinstance(value, float) and value.is_integer() else value)
    # PostgreSQL knows no NUL, UTF-8 no lone surrogate.
    cut = str(value)[:TEXT_LENGTH].replace("\0", "")
    if not cut.isascii():
        cut = cut.encode("utf-8", "ignore").decode()
    return cut.strip()


def first_text(row: dict[str, Any], *names: str) -> str:
    """Return the first of some values that says anything."""
    for name in names:
        if found := text(row.get(name)):
            return found
    return ""


def local_time(value: str, *, now: datetime) -> datetime:
    """Return the moment that a text means, in India where it names no zone; junk means now."""
    try:
        moment = datetime.fromisoformat(value)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=INDIA)).astimezone(UTC)
    except (ValueError, OverflowError):
        return now
    return now if moment > now + AHEAD else moment


def epoch_time(value: str, *, now: datetime) -> datetime:
    """Return the moment of a number of seconds since 1970; junk means now."""
    try:
        moment = datetime.fromtimestamp(int(value), UTC)
    except (ValueError, OverflowError, OSError):
        return now
    return now if moment > now + AHEAD else moment
