"""Deleting documents: the row at once, the blob by the guarded path, so that Azure's soft delete
keeps it; what is left is `sweeping`'s.
"""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta

from django.db.models import Q

from accounts import security_events
from accounts.models import SecurityEvent, User
from api import problems
from documents import permissions, selectors
from documents.models import Document, State
from integrations import gateways

logger = logging.getLogger(__name__)

# How far the storage's clock may be off: for so long a link may outlive its end (S44).
CLOCK_LEEWAY = timedelta(minutes=15)


def delete_document(
    *, user: User, document_id: uuid.UUID, client_address: str, now: datetime
) -> None:
    """Delete a document; one that is deleted already stays so.

    The answer does not wait for a storage that is down: no new link is given from now on, and the
    sweep deletes the blob.

    Raises:
        Problem: 404 not visible, 403 no right.
    """
    document = selectors.get_document(user=user, document_id=document_id)
    if not permissions.may_delete(user=user, document=document):
        raise problems.known("permission_denied")
    rows = Document.objects.filter(pk=document.pk).exclude(state=State.DELETED)
    if not rows.update(state=State.DELETED):
        return
    security_events.record(
        kind=SecurityEvent.Kind.DOCUMENT_DELETED,
        result=SecurityEvent.Result.OK,
        actor_id=user.pk,
        client_address=client_address,
        detail=f"document {document.pk}",
    )
    remove_blob_or_leave_it(document=document, now=now)


def remove_blob_or_leave_it(*, document: Document, now: datetime) -> None:
    """As `remove_blob`, for whoever must not wait for a storage that does not do it."""
    try:
        remove_blob(document=document, now=now)
    except gateways.GatewayError as err:
        logger.error(
            "blob not deleted, the sweep will",
            extra={"document_id": str(document.pk), "error_class": type(err).__name__},
        )


def remove_blob(*, document: Document, now: datetime) -> None:
    """Delete the blob of a rejected or deleted document, and note when that is final.

    While an upload link works it may put another one there (S49).

    Args:
        now: From before the call: a link that ends while it runs is still open.

    Raises:
        GatewayError: It may still be there.
    """
    gateways.delete_blob(blob=document.blob_name, reference=str(document.pk))
    # Asked of the database: the link may have been renewed since the row was read.
    Document.objects.filter(links_over(now=now), pk=document.pk).update(path_closed_at=now)


def links_over(*, now: datetime) -> Q:
    """Return the condition that no upload link of a document works any more, for sure."""
    before = now - CLOCK_LEEWAY
    return Q(upload_until__lte=before) | Q(
        upload_until__isnull=True, created_at__lte=before - gateways.SAS_LIFETIME
    )


def links_end_at(document: Document) -> datetime:
    """Return from when on `links_over` holds for a document."""
    return (document.upload_until or document.created_at + gateways.SAS_LIFETIME) + CLOCK_LEEWAY
