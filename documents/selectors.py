"""Reads: only what the caller may see ever leaves this module."""

from __future__ import annotations

import uuid

from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.roles import Role
from api import problems
from api.pages import Page, read_page
from documents.models import Document, Reference, State
from documents.permissions import FIELD_OF_ROLE


def get_document(*, user: User, document_id: uuid.UUID) -> Document:
    """Return a document that the user may see.

    Raises:
        Problem: 404, also for a document that exists for others.
    """
    document = _visible_documents(user).filter(pk=document_id).first()
    if document is None:
        raise problems.known("not_found")
    return document


def list_documents(
    *, user: User, page: int, doc_type: str = "", reference_id: str = "", state: str = ""
) -> Page[Document]:
    """Return a page of what the user may see, newest first. An empty filter filters nothing."""
    wanted = {"doc_type": doc_type, "reference_id": reference_id, "state": state}
    visible = _visible_documents(user) if reference_id else _all_visible_documents(user)
    found = visible.filter(**{name: v for name, v in wanted.items() if v})
    return read_page(found.order_by("-created_at", "-id"), page=page)


def get_reference(*, user: User, reference_id: str) -> Reference:
    """Return a reference that the user takes part in; ADMIN reads all.

    Raises:
        Problem: 404, also for a reference that exists for others.
    """
    reference = _visible_references(user).filter(pk=reference_id).first()
    if reference is None:
        raise problems.known("not_found")
    return reference


def list_references(*, user: User, page: int) -> Page[Reference]:
    """Return a page of the references that the user takes part in, newest first."""
    return read_page(_visible_references(user).order_by("-created_at", "id"), page=page)


def _visible_references(user: User) -> QuerySet[Reference]:
    if user.role == Role.ADMIN:
        return Reference.objects.all()
    field = FIELD_OF_ROLE.get(user.role)
    return Reference.objects.filter(**{field: user}) if field else Reference.objects.none()


def _visible_documents(user: User) -> QuerySet[Document]:
    """Whose relation `permissions.relation_to_document` knows; what was deleted only ADMIN."""
    documents = Document.objects.select_related("reference")
    if user.role == Role.ADMIN:
        return documents
    visible = Q(reference__isnull=True, uploader=user)
    field = FIELD_OF_ROLE.get(user.role)
    if field:
        visible |= Q(**{f"reference__{field}": user})
    return documents.filter(visible).exclude(state=State.DELETED)


def _all_visible_documents(user: User) -> QuerySet[Document]:
    """The same rule for a list: an OR over a join reads the whole table, a union two indexes."""
    if user.role == Role.ADMIN:
        return Document.objects.all()
    visible = Document.objects.filter(reference__isnull=True, uploader=user).values("pk")
    field = FIELD_OF_ROLE.get(user.role)
    if field:
        of_references = Document.objects.filter(**{f"reference__{field}": user}).values("pk")
        visible = visible.order_by().union(of_references.order_by(), all=True)
    return Document.objects.filter(pk__in=visible).exclude(state=State.DELETED)
