"""What ops are told of documents: infected ones, and blobs that are not the confirmed ones."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.utils import timezone

from documents.models import Document, State
from documents.refusing import not_available, storage_problem
from integrations import gateways

logger = logging.getLogger(__name__)

SHOWN_FOR = timedelta(days=1)


def flag(*, document: Document, what: str, now: datetime) -> None:
    """Tell ops of a document that is dangerous: a log line now, an alert for a day.

    Args:
        what: ``"infected"``, ``"blob changed"`` or ``"blob gone"``.
    """
    logger.critical("document flagged", extra={"document_id": str(document.pk), "what": what})
    Document.objects.filter(pk=document.pk).update(flagged_at=now)
    raise_or_resolve()


def raise_or_resolve() -> None:
    """Raise the alert while there is something of the last day, else resolve it."""
    flagged = Document.objects.filter(flagged_at__gt=timezone.now() - SHOWN_FOR).count()
    gateways.set_alert(
        channel="blob",
        kind="documents",
        is_on=bool(flagged),
        text=f"{flagged} documents of the last 24 hours are infected, gone, or another blob than "
        "was confirmed. None of them is served. See their flag in the admin.",
    )


def check_unchanged(*, document: Document, now: datetime) -> None:
    """Look whether a document's blob is still the one that was confirmed.

    Raises:
        Problem: 409 ``document_not_available`` where it is not, 503 the storage is unavailable.
    """
    try:
        found = gateways.get_blob_properties(blob=document.blob_name, reference=str(document.id))
        what = "" if found.etag == document.etag else "blob changed"
    except gateways.BlobNotFound:
        what = "blob gone"
    except gateways.GatewayError as err:
        raise storage_problem(err) from err
    if not what:
        return
    # A document that was deleted meanwhile has lost its blob to ourselves.
    if Document.objects.filter(pk=document.pk, state=State.AVAILABLE).exists():
        flag(document=document, what=what, now=now)
    raise not_available()
