"""Filing a quotation whose PDF the backend itself holds: no link is made for it."""

from __future__ import annotations

import logging
import uuid
from datetime import datetime

from django.conf import settings

from accounts.models import User
from api import problems, rows
from documents import inspection, naming, permissions, quotas, selectors
from documents.models import DocType, Document, Reference, RejectedReason, State
from documents.refusing import rejected, storage_problem, try_again
from integrations import gateways

logger = logging.getLogger(__name__)

PDF = "application/pdf"


def file_quotation(
    *, user: User, reference_id: str, file_name: str, content: bytes, now: datetime
) -> Document:
    """Inspect a PDF, upload it by the guarded path and make it available.

    Nothing is kept of a file that is refused. The row is there before the blob: what a process
    that dies leaves behind, the sweep finds.

    Args:
        user: In whose name: one who may upload quotations to this reference.
        file_name: As `naming.clean_file_name` returns it.

    Raises:
        Problem: 404 a reference that the user may not see, 403 no right, 413 too large, 422
            ``document_rejected``, 429 ``file_limit_reached``, 503 the storage, the scanner or a
            place to inspect it is unavailable.
    """
    reference = selectors.get_reference(user=user, reference_id=reference_id)
    if not permissions.may_upload(user=user, doc_type=DocType.QUOTATION, reference=reference):
        raise problems.known("permission_denied")
    if len(content) > settings.DOCUMENT_MAX_BYTES[PDF]:
        raise problems.known("payload_too_large")
    quotas.check(uploader_id=user.pk, size=len(content), now=now)
    inspected = _inspect(content)
    document = _announce(user, reference, file_name, now)
    try:
        _store(document, inspected, now)
    except problems.Problem:
        _give_up(document)
        raise
    document.refresh_from_db()
    logger.info("document filed", extra={"document_id": str(document.pk)})
    return document


def _inspect(content: bytes) -> inspection.Inspected:
    try:
        with inspection.place():
            inspected = inspection.inspect(content=content, content_type=PDF)
    except inspection.InspectionUnavailable as err:
        raise try_again() from err
    if inspected.reason == RejectedReason.INFECTED:
        logger.critical("infected file handed in")
    if inspected.reason is not None:
        raise rejected(inspected.reason)
    return inspected


def _announce(uploader: User, reference: Reference, file_name: str, now: datetime) -> Document:
    document_id = uuid.uuid4()
    document = Document(
        id=document_id,
        doc_type=DocType.QUOTATION,
        reference=reference,
        uploader=uploader,
        file_name=file_name,
        content_type=PDF,
        blob_name=naming.blob_name(document_id=document_id, content_type=PDF, now=now),
        created_at=now,
    )
    rows.insert(document)
    return document


def _store(document: Document, inspected: inspection.Inspected, now: datetime) -> None:
    try:
        written = gateways.upload_blob(
            blob=document.blob_name,
            content=inspected.content,
            content_type=PDF,
            reference=str(document.pk),
        )
    except gateways.GatewayError as err:
        raise storage_problem(err) from err
    quotas.make_available(
        document=document,
        size=inspected.size,
        sha256=inspected.sha256,
        etag=written.etag,
        now=now,
    )


def _give_up(document: Document) -> None:
    """The blob may be there after all: the sweep looks at the path of a deleted document."""
    Document.objects.filter(pk=document.pk, state=State.PENDING).update(state=State.DELETED)
