"""How many files and bytes a person may have confirmed within 24 hours (S51)."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.models import User
from documents.models import Document, State
from documents.refusing import too_many_files

WINDOW = timedelta(hours=24)
MEGABYTE = 1024 * 1024  # as in DOCUMENT_MAX_BYTES


def make_available(*, document: Document, size: int, sha256: str, etag: str, now: datetime) -> None:
    """Make a pending document available, if its uploader's quota has room for it.

    One that somebody else settled meanwhile stays as it is.

    Files count from when they were made available, also those that were deleted since. Confirms
    of one person's files wait here for each other, so that no number of them at once gets past.

    Args:
        size: Bytes of what is served.
        sha256: Of what is served, in hex.
        etag: Of the blob that is served, from now on no other.

    Raises:
        Problem: 429 ``file_limit_reached``; the document stays pending.
    """
    with transaction.atomic():
        # NO KEY: rows that only point at the account need not wait.
        User.objects.select_for_update(no_key=True).only("pk").get(pk=document.uploader_id)
        pending = Document.objects.filter(pk=document.pk, state=State.PENDING)
        if not pending.exists():
            return
        check(uploader_id=document.uploader_id, size=size, now=now)
        pending.update(state=State.AVAILABLE, size=size, sha256=sha256, etag=etag, available_at=now)


def check(*, uploader_id: UUID, size: int, now: datetime) -> None:
    """Look whether there is room; nothing is counted.

    Raises:
        Problem: 429 ``file_limit_reached``.
    """
    most_files, most_bytes = settings.FILES_PER_USER_DAY, settings.MB_PER_USER_DAY * MEGABYTE
    if not most_files and not most_bytes:
        return
    rows = Document.objects.filter(uploader_id=uploader_id, available_at__gt=now - WINDOW)
    counted = [
        (at, bytes_ or 0)
        for at, bytes_ in rows.order_by("available_at").values_list("available_at", "size")
        if at is not None
    ]
    wait = timedelta()
    files, taken = len(counted), sum(bytes_ for _, bytes_ in counted)
    for at, bytes_ in counted:
        if _fits(files, taken, size, most_files, most_bytes):
            break
        wait = at + WINDOW - now
        files, taken = files - 1, taken - bytes_
    else:
        if not _fits(files, taken, size, most_files, most_bytes):
            wait = WINDOW  # larger than a whole day's share
    if wait:
        raise too_many_files(wait_seconds=max(math.ceil(wait.total_seconds()), 1))


def _fits(files: int, taken: int, size: int, most_files: int, most_bytes: int) -> bool:
    return (not most_files or files < most_files) and (not most_bytes or taken + size <= most_bytes)
