"""Issuing SAS links: to upload a document, to upload it after all, to download it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from accounts.models import User
from api import problems, rows
from api.limits import Window
from documents import ledger, naming, permissions, selectors, watch
from documents.models import Document, Reference, Right, State
from documents.refusing import (
    UPLOAD_IS_OVER,
    not_available,
    not_pending,
    storage_problem,
    too_many_links,
)
from integrations import gateways

SAS_WINDOW_SECONDS = 600


@dataclass(frozen=True, kw_only=True)
class IssuedSAS:
    """A link and the document it is for. The link in ``sas`` is a secret: never log it."""

    document: Document
    right: Right
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
    document = _document_of(announced, uploader=user, reference=reference, now=now)
    # Signed before the row is there: an outage then leaves no document that nobody can upload,
    # and a link without a row never leaves this process.
    issued = _sign(document, right=Right.CREATE, now=now)
    document.upload_until = issued.sas.expires_at
    rows.insert(document)
    _record(issued, user=user, client_address=client_address, now=now)
    return issued


def renew_upload(
    *, user: User, document_id: uuid.UUID, client_address: str, now: datetime
) -> IssuedSAS:
    """Sign another link for the same blob, while nothing was settled.

    Raises:
        Problem: 404 not visible, 403 no right to upload, 409 ``document_not_pending``, 429 too many
            links, 503 the storage is unavailable.
    """
    document = selectors.get_document(user=user, document_id=document_id)
    if not permissions.may_confirm(user=user, document=document):
        raise problems.known("permission_denied")
    if document.state != State.PENDING:
        raise not_pending(UPLOAD_IS_OVER)
    _take_sas_limit(user)
    issued = _sign(document, right=Right.CREATE, now=now)
    # A sweep or a confirm may have been faster: a settled document gets no new link.
    pending = Document.objects.filter(pk=document.pk, state=State.PENDING)
    if not pending.update(upload_until=issued.sas.expires_at):
        raise not_pending(UPLOAD_IS_OVER)
    _record(issued, user=user, client_address=client_address, now=now)
    return issued


def issue_download(
    *, user: User, document_id: uuid.UUID, client_address: str, now: datetime
) -> IssuedSAS:
    """Sign the link that downloads a document.

    Raises:
        Problem: 404 not visible, 409 ``document_not_available``, 429 too many links, 503 the
            storage is unavailable.
    """
    document = selectors.get_document(user=user, document_id=document_id)
    if document.state != State.AVAILABLE:
        raise not_available()
    _take_sas_limit(user)
    watch.check_unchanged(document=document, now=now)
    issued = _sign(document, right=Right.READ, now=now)
    _record(issued, user=user, client_address=client_address, now=now)
    return issued


def _document_of(
    announced: Announced, *, uploader: User, reference: Reference | None, now: datetime
) -> Document:
    document_id = uuid.uuid4()
    return Document(
        id=document_id,
        doc_type=announced.doc_type,
        reference=reference,
        uploader=uploader,
        file_name=announced.file_name,
        content_type=announced.content_type,
        declared_size=announced.size,
        declared_sha256=announced.sha256,
        blob_name=naming.blob_name(
            document_id=document_id, content_type=announced.content_type, now=now
        ),
        created_at=now,
    )


def _sign(document: Document, *, right: Right, now: datetime) -> IssuedSAS:
    try:
        sas = gateways.issue_blob_sas(
            blob=document.blob_name,
            permission="read" if right == Right.READ else "create",
            now=now,
            content_type=document.content_type,
            file_name=naming.download_name(
                file_name=document.file_name, content_type=document.content_type
            ),
        )
    except gateways.GatewayError as err:
        raise storage_problem(err) from err
    return IssuedSAS(document=document, right=right, sas=sas)


def _record(issued: IssuedSAS, *, user: User, client_address: str, now: datetime) -> None:
    """Before the link leaves: none is out that is not on record."""
    ledger.record(
        user=user,
        document=issued.document,
        right=issued.right,
        sas=issued.sas,
        client_address=client_address,
        now=now,
    )


def _take_sas_limit(user: User) -> None:
    window = Window("sas", str(user.pk), settings.SAS_PER_USER_10MIN, SAS_WINDOW_SECONDS)
    wait = window.take()
    if wait:
        raise too_many_links(wait_seconds=wait)
