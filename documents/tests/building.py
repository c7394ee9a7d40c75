"""A small world: one reference, its people, and strangers of the same roles."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from accounts.roles import App, Role
from accounts.sessions import issue_token
from documents.models import Document, Reference, State

APP_OF_ROLE = {
    Role.CUSTOMER: App.CUSTAP,
    Role.CHANNEL_PARTNER: App.CPAPP,
    Role.KAM: App.WEBPRT,
    Role.ADMIN: App.WEBPRT,
}
ETAG = '"0x8D1"'
_numbers = itertools.count(9_800_000_001)


def make_user(role: Role, *, is_active: bool = True) -> User:
    user = User(role=role, name=role.title(), phone=f"+91{next(_numbers)}", is_active=is_active)
    user.set_unusable_password()
    user.save()
    return user


def client_of(user: User) -> APIClient:
    token = issue_token(user=user, app=APP_OF_ROLE[Role(user.role)], now=timezone.now()).token
    client = APIClient()
    client.default_format = "json"
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    return client


def make_document(
    *,
    uploader: User,
    doc_type: str = "KYC",
    reference: Reference | None = None,
    state: str = State.PENDING,
    declared_size: int | None = None,
    content_type: str = "application/pdf",
    file_name: str = "document.pdf",
) -> Document:
    document = Document(
        doc_type=doc_type,
        reference=reference,
        uploader=uploader,
        file_name=file_name,
        content_type=content_type,
        declared_size=declared_size,
        size=4 if state == State.AVAILABLE else None,
        state=state,
        rejected_reason="too_large" if state == State.REJECTED else "",
        etag=ETAG if state == State.AVAILABLE else "",
    )
    document.blob_name = f"test/2026/11/{document.id}.pdf"
    document.save()
    return document


@dataclass(frozen=True)
class World:
    reference: Reference
    people: dict[str, User]
    """By name: customer, channel_partner, kam, admin and other_customer, other_… ."""

    def client(self, name: str) -> APIClient:
        return client_of(self.people[name])


def make_world() -> World:
    people = {
        "customer": make_user(Role.CUSTOMER),
        "channel_partner": make_user(Role.CHANNEL_PARTNER),
        "kam": make_user(Role.KAM),
        "admin": make_user(Role.ADMIN),
        "other_customer": make_user(Role.CUSTOMER),
        "other_channel_partner": make_user(Role.CHANNEL_PARTNER),
        "other_kam": make_user(Role.KAM),
    }
    reference = Reference.objects.create(
        id="LEAD-1042",
        kind="LEAD",
        customer=people["customer"],
        channel_partner=people["channel_partner"],
        kam=people["kam"],
    )
    return World(reference=reference, people=people)
