"""Issuing SAS links, and confirming what was uploaded with one."""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from api import limits, problems, rows
from documents import ledger, naming, permissions, quotas, selectors
from documents.models import Document, RejectedReason, Right, State
from integrations import gateways

logger = logging.getLogger(__name__)

SAS_WINDOW_SECONDS = 600
STORAGE_UNAVAILABLE = "Document storage is unavailable. Please try again shortly."

REASON_TEXTS = {
    RejectedReason.SIZE_MISMATCH: "The file is not as large as announced. Please upload it again.",
    RejectedReason.TOO_LARGE: "The file is too large.",
    RejectedReason.TYPE_MISMATCH: "The file is not of the announced type.",
    RejectedReason.MALFORMED: "The file is empty or cannot be read.",
}


@dataclass(frozen=True, kw_only=True)
class IssuedSAS:
    """A link and the document it is for. The link in ``sas`` is a secret: never log it."""

    document: Document
    sas: gateways.BlobSAS


@dataclass(frozen=True, kw_only=True)
class Announced:
    """What an uploader says about a file; ``size`` in bytes, ``sha256`` in hex or empty."""

    doc_type: str
    reference_id: str | None
    file_name: str
    content_type: str
    size: int | None
    sha256: str


def issue_upload(
    *, user: User, announced: Announced, client_address: str, now: datetime
) -> IssuedSAS:
    """Announce a document and sign the link that uploads it: one blob, create only.

    Args:
        client_address: Where the link goes to, for the ledger.

    Raises:
        Problem: 404 a reference that the user may not see, 403 no right to upload there,
            429 too many links, 503 the storage is unavailable.
    """
    reference = None
    if announced.reference_id is not None:
        reference = selectors.get_reference(user=user, reference_id=announced.reference_id)
    if not permissions.may_upload(user=user, doc_type=announced.doc_type, reference=reference):
        raise problems.known("permission_denied")
    _take_sas_limit(user)
    document_id = uuid.uuid4()
    document = Document(
        id=document_id,
        doc_type=announced.doc_type,
        reference=reference,
        uploader=user,
        file_name=announced.file_name,
        content_type=announced.content_type,
        declared_size=announced.size,
        declared_sha256=announced.sha256,
        blob_name=naming.blob_name(
            document_id=document_id, content_type=announced.content_type, now=now
        ),
        created_at=now,
    )
    # Signed before the row is there: an outage then leaves no document that nobody can upload,
    # and a link without a row never leaves this process.
    issued = _sign(document, right=Right.CREATE, now=now)
    document.upload_until = issued.sas.expires_at
    rows.insert(document)
    _record(issued, user=user, right=Right.CREATE, client_address=client_address, now=now)
    return issued


def renew_upload(
    *, user: User, document_id: uuid.UUID, client_address: str, now: datetime
) -> IssuedSAS:
    """Sign another link for the same blob, while nothing was settled.

    Raises:
        Problem: 404 not visible, 403 no right to upload, 409 no longer pending, 429 too many links,
            503 storage unavailable.
    """
    document = selectors.get_document(user=user, document_id=document_id)
    if not permissions.may_confirm(user=user, document=document):
        raise problems.known("permission_denied")
    if document.state != State.PENDING:
        raise _not_pending("This document can no longer be uploaded.")
    _take_sas_limit(user)
    issued = _sign(document, right=Right.CREATE, now=now)
    # A sweep or a confirm may have been faster: a settled document gets no new link.
    pending = Document.objects.filter(pk=document.pk, state=State.PENDING)
    if not pending.update(upload_until=issued.sas.expires_at):
        raise _not_pending("This document can no longer be uploaded.")
    _record(issued, user=user, right=Right.CREATE, client_address=client_address, now=now)
    return issued


def issue_download(
    *, user: User, document_id: uuid.UUID, client_address: str, now: datetime
) -> IssuedSAS:
    """Sign the link that downloads a document.

    Raises:
        Problem: 404 not visible, 409 not available, 429 too many links, 503 storage unavailable.
    """
    document = selectors.get_document(user=user, document_id=document_id)
    if document.state != State.AVAILABLE:
        raise problems.Problem(
            status=409,
            code="document_not_available",
            detail="This document is not available for download.",
        )
    _take_sas_limit(user)
    issued = _sign(document, right=Right.READ, now=now)
    _record(issued, user=user, right=Right.READ, client_address=client_address, now=now)
    return issued


def confirm_document(*, user: User, document_id: uuid.UUID) -> Document:
    """Look at what was uploaded and settle the document; asked again, the answer is the same.

    Raises:
        Problem: 404 not visible, 403 no right, 409 ``not_uploaded`` or ``document_not_pending``,
            422 ``document_rejected`` with ``reason``, 503 the storage is unavailable.
    """
    document = selectors.get_document(user=user, document_id=document_id)
    if not permissions.may_confirm(user=user, document=document):
        raise problems.known("permission_denied")
    return settle_upload(document=document)


def settle_upload(*, document: Document) -> Document:
    """Look at what was uploaded, whoever asks: its uploader by the API, ops in the admin.

    Raises:
        Problem: As `confirm_document`, but for what the person may do.
    """
    if document.state != State.PENDING:
        return _settled(document)
    try:
        found = gateways.get_blob_properties(blob=document.blob_name, reference=str(document.id))
    except gateways.BlobNotFound:
        # Another confirm may have refused and deleted the blob since we read the row.
        document.refresh_from_db(fields=["state", "rejected_reason"])
        if document.state != State.PENDING:
            return _settled(document)
        raise problems.Problem(
            status=409, code="not_uploaded", detail="The file has not been uploaded yet."
        ) from None
    except gateways.GatewayError as err:
        raise _storage_problem(err) from err
    return _settle(document, found)


def reason_to_refuse(
    *, document: Document, found: gateways.BlobProperties
) -> RejectedReason | None:
    """Compare a blob with what was announced and allowed; a SAS can limit neither."""
    if document.declared_size is not None and found.size != document.declared_size:
        return RejectedReason.SIZE_MISMATCH
    if found.size > settings.DOCUMENT_MAX_BYTES[document.content_type]:
        return RejectedReason.TOO_LARGE
    if found.size == 0:
        return RejectedReason.MALFORMED
    if found.content_type.partition(";")[0].strip().lower() != document.content_type:
        return RejectedReason.TYPE_MISMATCH
    return None


def _settle(document: Document, found: gateways.BlobProperties) -> Document:
    reason = reason_to_refuse(document=document, found=found)
    # One UPDATE decides between two confirms at once: the first verdict is everybody's answer.
    pending = Document.objects.filter(pk=document.pk, state=State.PENDING)
    if reason is None:
        quotas.make_available(
            document=document, size=found.size, now=timezone.now(), etag=found.etag
        )
    elif pending.update(state=State.REJECTED, rejected_reason=reason):
        logger.info(
            "document rejected", extra={"document_id": str(document.pk), "reason": reason.value}
        )
        _delete_blob(document)
    document.refresh_from_db(fields=["state", "rejected_reason", "size", "sha256", "etag"])
    return _settled(document)


def _delete_blob(document: Document) -> None:
    """Delete a refused blob. Only after the state is kept: nobody may find it gone and pending."""
    try:
        gateways.delete_blob(blob=document.blob_name, reference=str(document.id))
    except gateways.GatewayError as err:
        # The verdict stands, and a rejected document is served to nobody.
        logger.error(
            "rejected blob not deleted",
            extra={"document_id": str(document.pk), "error_class": type(err).__name__},
        )


def _settled(document: Document) -> Document:
    """Return an available document; every other settled state is a problem."""
    if document.state == State.AVAILABLE:
        return document
    if document.state == State.REJECTED:
        _raise_rejected(RejectedReason(document.rejected_reason))
    raise _not_pending("This document can no longer be confirmed.")


def _not_pending(detail: str) -> problems.Problem:
    return problems.Problem(status=409, code="document_not_pending", detail=detail)


def _raise_rejected(reason: RejectedReason) -> NoReturn:
    raise problems.Problem(
        status=422,
        code="document_rejected",
        detail=REASON_TEXTS[reason],
        extra={"reason": reason.value},
    )


def _sign(document: Document, *, right: Right, now: datetime) -> IssuedSAS:
    reading = right == Right.READ
    name = naming.download_name(file_name=document.file_name, content_type=document.content_type)
    try:
        sas = gateways.issue_blob_sas(
            blob=document.blob_name,
            permission="read" if reading else "create",
            now=now,
            content_type=document.content_type,
            file_name=name if reading else None,
        )
    except gateways.GatewayError as err:
        raise _storage_problem(err) from err
    return IssuedSAS(document=document, sas=sas)


def _record(
    issued: IssuedSAS, *, user: User, right: Right, client_address: str, now: datetime
) -> None:
    """Before the link leaves: none is out that is not on record."""
    ledger.record(
        user_id=user.pk,
        document=issued.document,
        right=right,
        sas=issued.sas,
        client_address=client_address,
        now=now,
    )
    logger.info(
        "sas issued", extra={"document_id": str(issued.document.pk), "permission": right.value}
    )


def _take_sas_limit(user: User) -> None:
    retry_after = limits.take(
        name="sas",
        key=str(user.pk),
        amount=settings.SAS_PER_USER_10MIN,
        window_seconds=SAS_WINDOW_SECONDS,
    )
    if retry_after:
        raise problems.Problem(
            status=429,
            code="sas_limit_reached",
            detail="Too many links were asked for. Please try again later.",
            retry_after=retry_after,
        )


def _storage_problem(error: gateways.GatewayError) -> problems.Problem:
    return problems.gateway_problem(
        error,
        unavailable="storage_unavailable",
        rejected="storage_unavailable",
        detail=STORAGE_UNAVAILABLE,
    )
