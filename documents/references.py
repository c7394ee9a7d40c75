"""Making and changing references."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from rest_framework import serializers

from accounts.models import User
from accounts.roles import Role
from api import problems
from documents import permissions
from documents.models import Reference, ReferenceChange
from integrations import gateways

UNKNOWN_PERSON = "There is no active account of this role with this id or phone."
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

_ROLE_OF_FIELD: Mapping[str, tuple[str, Role]] = {
    "customer": ("customer", Role.CUSTOMER),
    "channelPartner": ("channel_partner", Role.CHANNEL_PARTNER),
    "kam": ("kam", Role.KAM),
}


def put_reference(
    *,
    user: User,
    reference_id: str,
    kind: str,
    names: Mapping[str, str | None],
    now: datetime,
) -> tuple[Reference, bool]:
    """Make or change a reference; a missing person is taken off.

    A KAM who names no KAM means himself, when changing too: the same PUT twice must not lock
    him out of his own reference.

    Args:
        names: ``customer``, ``channelPartner``, ``kam``: a user id, a phone in E.164, or None.

    Returns:
        The reference, and whether it was made.

    Raises:
        Problem: 403 for roles that do not write, 404 for another KAM's reference.
        ValidationError: Names each field without an active user of the role.
    """
    # Before the people are looked up: to others, the answer would tell who has an account. It is
    # the same for every id, so it tells nothing about references either.
    if not permissions.may_write_references(user=user):
        raise problems.known("permission_denied")
    people = _people(names)
    if people["kam"] is None and user.role == Role.KAM:
        people["kam"] = user
    return _write(reference_id, {"kind": kind, **people, "updated_at": now}, by=user, now=now)


def _write(
    reference_id: str, values: Mapping[str, Any], *, by: User, now: datetime
) -> tuple[Reference, bool]:
    """Of two who make the same one at once, the later one changes it, if he may."""
    with transaction.atomic():
        reference, made = Reference.objects.select_for_update().get_or_create(
            pk=reference_id, defaults={**values, "created_at": now}
        )
        was = {} if made else _people_and_kind(reference)
        if not made:
            if not permissions.may_change_reference(user=by, reference=reference):
                raise problems.known("not_found")
            for field, value in values.items():
                setattr(reference, field, value)
            reference.save(update_fields=list(values))
        _keep_history(reference, was=was, actor=by, now=now)
    return reference, made


def _people_and_kind(reference: Reference) -> dict[str, str]:
    """Return what a reference's history is about, by the names of the contract."""
    people = {name: str(pk or "") for name, pk in reference.people().items()}
    return {"kind": reference.kind, **people}


def _keep_history(
    reference: Reference, *, was: Mapping[str, str], actor: User, now: datetime
) -> None:
    """Insert a row for each thing that is not as it was."""
    became = _people_and_kind(reference)
    ReferenceChange.objects.bulk_create(
        ReferenceChange(
            reference=reference,
            at=now,
            actor_id=actor.pk,
            field=name,
            was=was.get(name, ""),
            became=value,
            correlation_id=gateways.correlation_id(),
        )
        for name, value in became.items()
        if value != was.get(name, "")
    )


def _people(names: Mapping[str, str | None]) -> dict[str, User | None]:
    """Return the users by the reference's fields."""
    found: dict[str, User | None] = {}
    errors: dict[str, serializers.ErrorDetail] = {}
    for field, (column, role) in _ROLE_OF_FIELD.items():
        name = names.get(field)
        found[column] = None if name is None else _person(name, role)
        if name is not None and found[column] is None:
            errors[field] = serializers.ErrorDetail(UNKNOWN_PERSON, code="unknown_person")
    if errors:
        raise serializers.ValidationError(errors)
    return found


def _person(name: str, role: Role) -> User | None:
    people = User.objects.filter(role=role, is_active=True)
    if _UUID.fullmatch(name):
        return people.filter(pk=uuid.UUID(name)).first()
    return people.filter(phone=name).first()
