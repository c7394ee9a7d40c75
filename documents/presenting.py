"""Documents and references as the contract shows them."""

from __future__ import annotations

from typing import Any

from api.timestamps import timestamp
from documents.models import Document, Reference, State
from documents.naming import path_of


def present_document(document: Document) -> dict[str, Any]:
    """Return the contract's ``document``; ``size`` (bytes) and ``sha256`` of what is served."""
    shown: dict[str, Any] = {
        "id": str(document.id),
        "docType": document.doc_type,
        "referenceId": document.reference_id,
        "fileName": document.file_name,
        "contentType": document.content_type,
        "size": document.size,
        "sha256": document.sha256,
        "state": document.state,
        "createdAt": timestamp(document.created_at),
        "path": path_of(blob=document.blob_name),
    }
    if document.state == State.REJECTED:
        shown["reason"] = document.rejected_reason
    return shown


def present_reference(reference: Reference) -> dict[str, Any]:
    """Return the contract's ``reference``: people as user ids."""
    return {
        "id": reference.id,
        "kind": reference.kind,
        **{name: str(pk) if pk else None for name, pk in reference.people().items()},
        "createdAt": timestamp(reference.created_at),
        "updatedAt": timestamp(reference.updated_at),
    }
