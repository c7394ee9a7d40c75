"""Settling an upload: what is in the blob, is it what was announced, may it be served."""

from __future__ import annotations

import hashlib
import logging
import time
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from accounts import mails
from accounts.models import User
from api import problems
from documents import deleting, inspection, permissions, quotas, selectors, watch
from documents.models import DocType, Document, RejectedReason, State
from documents.refusing import (
    CONFIRM_IS_OVER,
    REASON_TEXTS,
    not_pending,
    not_uploaded,
    rejected,
    storage_problem,
    try_again,
)
from integrations import gateways

logger = logging.getLogger(__name__)

# Longer than all waits of one confirm together: storage twice, place, process and scanner.
CLAIM = timedelta(seconds=120)
CLAIM_WAIT_SECONDS = 30.0  # for another confirm of the same document
CLAIM_POLL_SECONDS = 0.2
_SETTLED_FIELDS = ("state", "rejected_reason", "size", "sha256", "etag")


@dataclass(frozen=True, kw_only=True)
class _Verdict:
    """``reason`` None: available, with the bytes and the ETag of what is served."""

    reason: RejectedReason | None = None
    size: int = 0
    sha256: str = ""
    etag: str = ""


def confirm_document(*, user: User, document_id: uuid.UUID) -> Document:
    """Settle an upload for its uploader; asked again, the answer is the same.

    Raises:
        Problem: 404 not visible, 403 no right; else as `settle_upload`.
    """
    document = selectors.get_document(user=user, document_id=document_id)
    if not permissions.may_confirm(user=user, document=document):
        raise problems.known("permission_denied")
    return settle_upload(document=document)


def settle_upload(*, document: Document) -> Document:
    """Look at what was uploaded, whoever asks; ops do in the admin.

    Of several that ask at once one does the work and all get its answer.

    Raises:
        Problem: 409 ``not_uploaded`` or ``document_not_pending``, 422 ``document_rejected`` with
            ``reason``, 429 ``file_limit_reached``, 503 the storage, the scanner or a place is
            unavailable.
    """
    if document.state != State.PENDING:
        return _settled(document)
    claim = _claim(document)
    if claim is None:
        return _settled(document)
    verdict = None
    try:
        verdict = _examine(document)
        if verdict is not None:
            _keep(document, verdict)
    except inspection.InspectionUnavailable as err:
        raise try_again() from err
    except gateways.GatewayError as err:
        document.refresh_from_db(fields=_SETTLED_FIELDS)
        if document.state == State.PENDING:
            raise storage_problem(err) from err
        # Else somebody deleted it meanwhile, and the storage is not to blame.
    finally:
        Document.objects.filter(pk=document.pk, claimed_until=claim).update(claimed_until=None)
    document.refresh_from_db(fields=_SETTLED_FIELDS)
    if verdict is None and document.state == State.PENDING:
        raise not_uploaded()
    return _settled(document)


def reason_to_refuse(*, document: Document, found: gateways.BlobContent) -> RejectedReason | None:
    """Compare a blob with what was announced and allowed; a SAS can limit neither."""
    if document.declared_size is not None and found.size != document.declared_size:
        return RejectedReason.SIZE_MISMATCH
    if found.size > settings.DOCUMENT_MAX_BYTES[document.content_type]:
        return RejectedReason.TOO_LARGE
    if found.size == 0:
        return RejectedReason.MALFORMED
    if document.declared_sha256 and document.declared_sha256.lower() != found.sha256:
        return RejectedReason.CHECKSUM_MISMATCH
    # Azure compares it at the upload; one that was set as a property only, nobody compared.
    if found.content_md5 and found.content_md5 != hashlib.md5(found.content).digest():  # noqa: S324  (against accidents)
        return RejectedReason.CHECKSUM_MISMATCH
    if found.content_type.partition(";")[0].strip().lower() != document.content_type:
        return RejectedReason.TYPE_MISMATCH
    return None


def _claim(document: Document) -> datetime | None:
    """Have a pending document to ourselves; None where another settled it meanwhile."""
    ends_at = time.monotonic() + CLAIM_WAIT_SECONDS
    while True:
        now = timezone.now()
        free = Q(claimed_until=None) | Q(claimed_until__lte=now)
        mine = Document.objects.filter(free, pk=document.pk, state=State.PENDING)
        if mine.update(claimed_until=now + CLAIM):
            return now + CLAIM
        document.refresh_from_db(fields=_SETTLED_FIELDS)
        if document.state != State.PENDING:
            return None
        if time.monotonic() > ends_at:
            raise try_again()
        with gateways.waiting():
            time.sleep(CLAIM_POLL_SECONDS)


def _examine(document: Document) -> _Verdict | None:
    """Read the blob and judge it; None where there is none. Never more than the maximum is read."""
    most_bytes = settings.DOCUMENT_MAX_BYTES[document.content_type] + 1
    with inspection.place():
        try:
            found = gateways.read_blob(
                blob=document.blob_name, most_bytes=most_bytes, reference=str(document.pk)
            )
        except gateways.BlobNotFound:
            return None
        # Read after the blob: whoever put a cleaned one there had written this before.
        document.refresh_from_db(fields=["cleaned_sha256"])
        if document.cleaned_sha256 and found.sha256 == document.cleaned_sha256:
            # Another confirm got as far as this, and did not live to say so or is about to.
            return _Verdict(size=found.size, sha256=found.sha256, etag=found.etag)
        reason = reason_to_refuse(document=document, found=found)
        if reason is not None:
            return _Verdict(reason=reason)
        # Before the costly part; what counts is looked at again where it is counted.
        quotas.check(uploader_id=document.uploader_id, size=found.size, now=timezone.now())
        inspected = inspection.inspect(content=found.content, content_type=document.content_type)
        if inspected.reason is not None:
            return _Verdict(reason=inspected.reason)
        etag = found.etag
        if inspected.sha256 != found.sha256:
            etag = _replace(document, inspected, replaces=found.etag)
    return _Verdict(size=inspected.size, sha256=inspected.sha256, etag=etag)


def _replace(document: Document, inspected: inspection.Inspected, *, replaces: str) -> str:
    """Put the cleaned picture in the place of the one that was read; return its ETag."""
    # First, so that whoever comes after a crash knows it for ours: it is not what was announced.
    Document.objects.filter(pk=document.pk).update(cleaned_sha256=inspected.sha256)
    return gateways.upload_blob(
        blob=document.blob_name,
        content=inspected.content,
        content_type=document.content_type,
        reference=str(document.pk),
        replaces=replaces,
    ).etag


def _keep(document: Document, verdict: _Verdict) -> None:
    # One UPDATE decides, should a claim have run out: the first verdict is everybody's answer.
    if verdict.reason is None:
        quotas.make_available(
            document=document,
            size=verdict.size,
            sha256=verdict.sha256,
            etag=verdict.etag,
            now=timezone.now(),
        )
        return
    pending = Document.objects.filter(pk=document.pk, state=State.PENDING)
    if pending.update(state=State.REJECTED, rejected_reason=verdict.reason):
        _after_refusal(document, verdict.reason)


def _after_refusal(document: Document, reason: RejectedReason) -> None:
    """Only after the state is kept: nobody may find the blob gone and the document pending."""
    logger.warning(
        "document rejected", extra={"document_id": str(document.pk), "reason": reason.value}
    )
    if reason == RejectedReason.INFECTED:
        # The blob stays, for whoever looks into it; a rejected document is served to nobody.
        watch.flag(document=document, what="infected", now=timezone.now())
    else:
        deleting.remove_blob_or_leave_it(document=document, now=timezone.now())
    if document.doc_type == DocType.KYC:
        mails.send_document_rejected(
            user=document.uploader, document_name=document.file_name, reason=REASON_TEXTS[reason]
        )


def _settled(document: Document) -> Document:
    """Return an available document; every other settled state is a problem."""
    if document.state == State.AVAILABLE:
        return document
    if document.state == State.REJECTED:
        raise rejected(RejectedReason(document.rejected_reason))
    raise not_pending(CONFIRM_IS_OVER)
