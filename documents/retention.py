"""One person's documents: what is known about them, and erasing them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from documents import deleting
from documents.models import Document, Reference, SASGrant, State
from integrations import gateways

ERASED = "[erased]"  # no uploader may use brackets in a name


@dataclass(kw_only=True)
class Erasure:
    """What became of a person's files.

    ``failed``: ids with the reason why they have to be tried again. ``kept``: ids of files that
    are of somebody else's reference, or were filed by somebody else under one of the person.
    """

    erased: int = 0
    failed: list[dict[str, str]] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def list_documents(*, user: User) -> list[dict[str, Any]]:
    """Return what is known about the files of a person or of their references."""
    rows = Document.objects.filter(Q(uploader=user) | Q(reference__customer=user))
    return [
        {
            "id": str(row.pk),
            "docType": row.doc_type,
            "referenceId": row.reference_id,
            "uploadedByPerson": row.uploader_id == user.pk,
            "fileName": row.file_name,
            "contentType": row.content_type,
            "size": row.size,
            "sha256": row.sha256,
            "state": row.state,
            "path": row.blob_name,
            "createdAt": row.created_at,
        }
        for row in rows.order_by("created_at")
    ]


def list_references(*, user: User) -> list[dict[str, Any]]:
    """Return the references that a person takes part in, and as what; nobody else is named."""
    rows = Reference.objects.filter(Q(customer=user) | Q(channel_partner=user) | Q(kam=user))
    return [
        {
            "id": row.pk,
            "kind": row.kind,
            "as": [part for part, pk in row.people().items() if pk == user.pk],
            "createdAt": row.created_at,
        }
        for row in rows.order_by("created_at")
    ]


def list_grants(*, user: User) -> list[dict[str, Any]]:
    """Return the links that a person was given."""
    return [
        {
            "right": row.right,
            "documentId": str(row.document_id),
            "issuedAt": row.issued_at,
            "expiresAt": row.expires_at,
            "clientAddress": row.client_address,
            "correlationId": row.correlation_id,
        }
        for row in SASGrant.objects.filter(user=user).order_by("issued_at")
    ]


def blank_grants(*, user: User, dry_run: bool) -> int:
    """Blank the addresses in a person's links; account, blob and time stay.

    Returns:
        How many rows are changed, or would be.
    """
    rows = SASGrant.objects.filter(user=user).exclude(client_address="")
    return rows.count() if dry_run else rows.update(client_address="")


def erase_documents(*, user: User, now: datetime, dry_run: bool) -> Erasure:
    """Delete the files that a person uploaded, and what their rows say about them.

    A row is blanked only once its blob is gone, so that running this again finds what is left.
    """
    mine = _of_their_own(user)
    theirs = Document.objects.filter(Q(uploader=user) | Q(reference__customer=user))
    kept = theirs.exclude(pk__in=mine).exclude(state=State.DELETED).order_by("created_at")
    found = Erasure(kept=[str(pk) for pk in kept.values_list("pk", flat=True)])
    left = mine.exclude(file_name=ERASED)
    if dry_run:
        found.erased = left.count()
        return found
    for document in left.order_by("created_at"):
        reason = _erase(document, now=now)
        if reason:
            found.failed.append({"documentId": str(document.pk), "reason": reason})
        else:
            found.erased += 1
    return found


def _of_their_own(user: User) -> QuerySet[Document]:
    """What a channel partner filed for a customer is the customer's."""
    nobody_elses = Q(reference__customer__isnull=True) | Q(reference__customer=user)
    return Document.objects.filter(nobody_elses, uploader=user)


def _erase(document: Document, *, now: datetime) -> str:
    """Return why the document is not erased yet; empty when it is."""
    row = Document.objects.filter(pk=document.pk)
    row.update(state=State.DELETED)  # first: no new link for what is about to go
    try:
        deleting.remove_blob(document=document, now=now)
    except gateways.GatewayError as err:
        return f"the storage did not delete it: {type(err).__name__}"
    document.refresh_from_db(fields=["upload_until", "path_closed_at"])
    if document.path_closed_at is None:  # what was deleted can come back
        return f"its upload link may work until {deleting.links_end_at(document):%H:%M} UTC"
    row.update(file_name=ERASED, sha256=None, declared_sha256="", etag="")
    return ""
