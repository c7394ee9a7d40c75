"""This app's rows about one person."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from axes.models import AccessAttempt
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import AuthToken, SecurityEvent, User
from accounts.roles import STAFF

ERASED = "erased"


def is_staff_account(*, user: User) -> bool:
    """Whether somebody's work depends on the account: ADMIN, KAM, whoever enters the admin."""
    return user.role in STAFF or user.is_staff or user.is_superuser


def describe_account(*, user: User) -> dict[str, Any]:
    """Return what is known about an account and its sessions; no digest of anything."""
    tokens = AuthToken.objects.filter(user=user).order_by("created")
    return {
        "id": str(user.pk),
        "role": user.role,
        "name": user.name,
        "phone": user.phone,
        "email": user.email,
        "active": user.is_active,
        "createdAt": user.created_at,
        "lastLoginAt": user.last_login,
        "sessions": [
            {"app": token.app, "createdAt": token.created, "expiresAt": token.expiry}
            for token in tokens
        ],
    }


def events_about(*, user_id: UUID | None, fingerprints: Collection[str]) -> QuerySet[SecurityEvent]:
    """Return what a person did (None: has no account) and what was done to them."""
    wanted = Q(subject_fingerprint__in=fingerprints)
    if user_id is not None:
        wanted |= Q(actor_id=user_id)
    return SecurityEvent.objects.filter(wanted)


def list_events(*, user_id: UUID | None, fingerprints: Collection[str]) -> list[dict[str, Any]]:
    """Return what a person did and what was done to them, oldest first.

    Addresses of others stay out: what a colleague did is the person's, where he sat is not.
    """
    return [
        {
            "kind": row.kind,
            "result": row.result,
            "at": row.at,
            "byPerson": row.actor_id is not None and row.actor_id == user_id,
            "clientAddress": row.client_address if row.actor_id in (None, user_id) else "",
            "detail": row.detail,
            "correlationId": row.correlation_id,
        }
        for row in events_about(user_id=user_id, fingerprints=fingerprints).order_by("at")
    ]


def blank_events(*, user_id: UUID | None, fingerprints: Collection[str], dry_run: bool) -> int:
    """Blank masks and addresses in a person's events; fingerprint and account id stay.

    Returns:
        How many rows are changed, or would be.
    """
    about = Q(subject_fingerprint__in=fingerprints)
    # A stranger's events about a person are mostly the person's, before logging in.
    by = Q(actor_id=user_id) if user_id else Q(pk__in=[])
    from_there = (by | (about & Q(actor_id=None))) & ~Q(client_address="")
    masked = about & ~Q(subject_masked="")
    changed = SecurityEvent.objects.filter(from_there | masked).count()
    if not dry_run:
        SecurityEvent.objects.filter(from_there).update(client_address="")
        SecurityEvent.objects.filter(masked).update(subject_masked="")
    return changed


def delete_failed_logins(*, fingerprints: Collection[str], dry_run: bool) -> int:
    """Delete what django-axes keeps of wrong logins of a person in the admin: from where, by what.

    Returns:
        How many rows go, or would.
    """
    rows = AccessAttempt.objects.filter(username__in=fingerprints)
    found: int = rows.count()
    if not dry_run:
        rows.delete()
    return found


def close_account(*, user: User) -> None:
    """Disable an account and end its sessions: nothing new comes in from now on."""
    user.is_active = False
    user.save(update_fields=["is_active"])


def blank_account(*, user: User) -> None:
    """Take name, phone, email, password and second factor from an account; the row keeps its id.

    Documents and references point at the row; a person who comes back gets a new one.
    """
    user.name, user.phone, user.email, user.last_login = "", None, None, None
    user.set_unusable_password()
    user.save(update_fields=["name", "phone", "email", "last_login", "password"])
    TOTPDevice.objects.filter(user=user).delete()
    LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk)
    ).update(object_repr=ERASED)
