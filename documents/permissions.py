"""Who may do what: the table of the contract as plain predicates.

Whoever takes part in a reference reads all of its documents; what differs is who may upload.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping

from accounts.models import User
from accounts.roles import STAFF, Role
from documents.models import DocType, Document, Reference


class Relation(enum.Enum):
    """What a user is to a reference, or to a document without one."""

    CUSTOMER = "customer"
    CHANNEL_PARTNER = "channel_partner"
    KAM = "kam"
    OWNER = "owner"
    ADMIN = "admin"


# The field of a reference in which a user of this role may stand.
FIELD_OF_ROLE: Mapping[str, str] = {
    Role.CUSTOMER: "customer",
    Role.CHANNEL_PARTNER: "channel_partner",
    Role.KAM: "kam",
}

OWNERS = frozenset({Role.CUSTOMER, Role.CHANNEL_PARTNER})

_UPLOADERS: Mapping[str, frozenset[Relation]] = {
    DocType.KYC: frozenset({Relation.CUSTOMER, Relation.CHANNEL_PARTNER, Relation.OWNER}),
    DocType.LEAD: frozenset({Relation.CHANNEL_PARTNER, Relation.KAM, Relation.ADMIN}),
    DocType.QUOTATION: frozenset({Relation.KAM, Relation.ADMIN}),
}


def relation_to_reference(*, user: User, reference: Reference) -> Relation | None:
    """Return what the user is to a reference.

    The role counts too: whoever changed roles is no longer who the reference means.
    """
    if user.role == Role.ADMIN:
        return Relation.ADMIN
    field = FIELD_OF_ROLE.get(user.role)
    if field is None or getattr(reference, f"{field}_id") != user.pk:
        return None
    return Relation(field)


def relation_to_document(*, user: User, document: Document) -> Relation | None:
    """Return what the user is to a document: by its reference, else by having uploaded it."""
    if document.reference is not None:
        return relation_to_reference(user=user, reference=document.reference)
    if user.role == Role.ADMIN:
        return Relation.ADMIN
    return Relation.OWNER if document.uploader_id == user.pk else None


def may_upload(*, user: User, doc_type: str, reference: Reference | None) -> bool:
    """Whether the user may upload a document of this type here."""
    if reference is None:
        return doc_type == DocType.KYC and user.role in OWNERS
    return relation_to_reference(user=user, reference=reference) in _UPLOADERS[doc_type]


def may_confirm(*, user: User, document: Document) -> bool:
    """Whoever might have uploaded it may say that the upload is done."""
    return relation_to_document(user=user, document=document) in _UPLOADERS[document.doc_type]


def may_delete(*, user: User, document: Document) -> bool:
    """ADMIN, whatever the type."""
    return relation_to_document(user=user, document=document) == Relation.ADMIN


def may_write_references(*, user: User) -> bool:
    """Whether the user may make references at all."""
    return user.role in STAFF


def may_change_reference(*, user: User, reference: Reference) -> bool:
    """Its KAM and ADMIN."""
    relation = relation_to_reference(user=user, reference=reference)
    return relation in (Relation.KAM, Relation.ADMIN)
