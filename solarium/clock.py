"""Whether this machine's clock agrees with the database's.

Codes, sessions and limits of several servers live by one time, and what is removed for its age is
judged by the clock of whoever removes it. Azure refuses links signed far from its own time.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone

logger = logging.getLogger(__name__)

MOST_OFF = timedelta(minutes=5)  # a link to a document begins so much earlier, to bear it


def ahead() -> timedelta:
    """Return by how much this machine's clock is ahead of the database's, negative where behind.

    SQLite has no clock of its own.
    """
    if connection.vendor != "postgresql":
        return timedelta()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        there: datetime = cursor.fetchone()[0]
    return timezone.now() - there


def tell_if_off() -> None:
    """Log that a human must set the clock, where it is far off."""
    found = ahead()
    if abs(found) > MOST_OFF:
        logger.critical("clock is off", extra={"seconds_ahead": round(found.total_seconds())})


def refuse_if_off() -> None:
    """
    Raises:
        CommandError: It is far off: what is young would be removed as old.
    """
    found = ahead()
    if abs(found) > MOST_OFF:
        minutes = round(abs(found).total_seconds() / 60)
        side = "ahead of" if found > timedelta() else "behind"
        raise CommandError(
            f"This machine's clock is {minutes} minutes {side} the database's; nothing was "
            "removed. Set the clock and run this again."
        )
