"""Having an upload looked at again, for an app that never asked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.models import SecurityEvent
from api.problems import Problem
from documents import confirming
from documents.models import Document
from solarium.admin.acting import act, record, require
from solarium.fresh_login import needs_fresh_login


@needs_fresh_login
def confirm_again(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """Look at the blob of a document and settle it; a settled one stays as it is."""
    require(request, "documents.change_document")
    document = get_object_or_404(Document, pk=pk)

    def do(given: dict[str, Any]) -> str:
        record(
            request,
            SecurityEvent.Kind.DOCUMENT_CONFIRMED,
            subject="",
            detail=f"document {pk}: {given['reason']}",
        )
        try:
            confirming.settle_upload(document=document)
        except Problem as problem:
            return problem.text
        return "The document is available."

    return act(
        request,
        title="Confirm again",
        text="The backend looks at what was uploaded, as if its app had asked.",
        button="Confirm again",
        do=do,
        back=reverse("admin:documents_document_change", args=[pk]),
    )
