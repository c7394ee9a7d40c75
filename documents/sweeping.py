"""Clearing away what was never confirmed, and what stands where nothing may stand (S49)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.db.models import Q, QuerySet

from documents.deleting import remove_blob
from documents.models import Document, RejectedReason, State
from integrations import gateways

PENDING_FOR = timedelta(minutes=60)  # from its newest upload link on
BATCH_ROWS = 500

Kind = Literal["pending", "leftover"]


class StorageDown(Exception):
    """The storage does not answer or refuses our key; the rest has to wait for the next sweep."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One document that was dealt with. ``failed``: its blob could not be deleted."""

    document_id: str
    kind: Kind
    failed: bool


def overdue(*, now: datetime) -> QuerySet[Document]:
    """Return the pending documents whose time to be confirmed is over, and that nobody confirms."""
    last_link_before = now - PENDING_FOR + gateways.SAS_LIFETIME
    newest = Q(upload_until__isnull=True) | Q(upload_until__lte=last_link_before)
    unclaimed = Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)
    pending = Document.objects.filter(newest, unclaimed, state=State.PENDING)
    return pending.filter(created_at__lte=now - PENDING_FOR)


def open_paths() -> QuerySet[Document]:
    """Return rejected and deleted documents at whose path a blob may be, again or still.

    Infected files are not among them: they stay in quarantine.
    """
    return Document.objects.filter(
        state__in=(State.REJECTED, State.DELETED), path_closed_at__isnull=True
    ).exclude(state=State.REJECTED, rejected_reason=RejectedReason.INFECTED)


def sweep(*, now: datetime) -> Iterator[Step]:
    """Delete overdue documents, then look at every open path; yield one step a document.

    Stopped anywhere, the next sweep goes on; two at once only delete some blobs twice. No row is
    locked and no transaction is open while the storage is asked.

    Raises:
        StorageDown: It made no sense to go on.
    """
    swept: set[object] = set()
    for document in _in_batches(overdue(now=now)):
        # Judged anew: it may have been confirmed or renewed since it was read.
        if overdue(now=now).filter(pk=document.pk).update(state=State.DELETED):
            swept.add(document.pk)
            yield _remove(document, kind="pending", now=now)
    for document in _in_batches(open_paths()):
        if document.pk not in swept:
            yield _remove(document, kind="leftover", now=now)


def _remove(document: Document, *, kind: Kind, now: datetime) -> Step:
    failed = False
    try:
        remove_blob(document=document, now=now)
    except (gateways.GatewayUnavailable, gateways.GatewayAuthFailed) as err:
        raise StorageDown(type(err).__name__) from err
    except gateways.GatewayError:
        failed = True  # this one only: a lease, a hold; `calls` has logged it
    return Step(document_id=str(document.pk), kind=kind, failed=failed)


def _in_batches(found: QuerySet[Document]) -> Iterator[Document]:
    """Walk by (created_at, id): rows change and leave ``found`` while we walk."""
    found = found.order_by("created_at", "pk")
    after = Q()
    while batch := list(found.filter(after)[:BATCH_ROWS]):
        yield from batch
        last = batch[-1]
        after = Q(created_at__gt=last.created_at) | Q(created_at=last.created_at, pk__gt=last.pk)
