"""Everything that happened to one phone, address or document, over all apps, in time order."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse

from accounts.models import SecurityEvent
from documents.models import SASGrant
from integrations.models import DeliveryEvent, GatewayCall
from otp.models import Challenge
from solarium.admin.timeline_subjects import MOST_OF_EACH, Subject

_MOMENTS = (
    ("asked for", "created_at", "created"),
    ("accepted by the provider", "accepted_at", "accepted"),
    ("verified", "verified_at", "verified"),
    ("failed", "failed_at", "failed"),
)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of a timeline."""

    at: datetime
    source: str
    title: str
    state: str
    detail: str = ""
    attempts: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""
    correlation_id: str = ""


def entries(subject: Subject) -> list[Entry]:
    """Return the timeline, newest first: six statements at most, each by an index."""
    found = [
        *_calls(subject),
        *_deliveries(subject),
        *_challenges(subject),
        *_events(subject),
        *_documents(subject),
        *_links(subject),
    ]
    return sorted(found, key=lambda entry: entry.at, reverse=True)


def _calls(subject: Subject) -> list[Entry]:
    rows = GatewayCall.objects.filter(recipient_fingerprint__in=subject.fingerprints)
    return [
        Entry(
            at=call.started_at,
            source=call.provider,
            title=call.operation.replace("_", " "),
            state=call.outcome,
            detail=call.provider_code,
            attempts=call.attempts,
            url=reverse("admin:integrations_gatewaycall_change", args=[call.pk]),
            correlation_id=call.correlation_id,
        )
        for call in rows.order_by("-started_at")[:MOST_OF_EACH]
    ]


def _deliveries(subject: Subject) -> list[Entry]:
    rows = DeliveryEvent.objects.filter(recipient_fingerprint__in=subject.fingerprints)
    return [
        Entry(
            at=event.at,
            source=event.provider,
            title=f"report {event.kind}".strip(),
            state=event.state,
            detail=event.reason,
            url=reverse("admin:integrations_deliveryevent_change", args=[event.pk]),
        )
        for event in rows.order_by("-at")[:MOST_OF_EACH]
    ]


def _challenges(subject: Subject) -> list[Entry]:
    if not subject.phone:
        return []
    rows = Challenge.objects.filter(phone_id=subject.phone).order_by("-created_at")
    return [
        Entry(
            at=at,
            source="code",
            title=f"code {words}",
            state=state,
            detail=f"{challenge.app}, wrong tries {challenge.attempts}"
            if state == challenge.state
            else challenge.app,
            url=reverse("admin:otp_challenge_change", args=[challenge.pk]),
        )
        for challenge in rows[:MOST_OF_EACH]
        for words, column, state in _MOMENTS
        if (at := getattr(challenge, column)) is not None
    ]


def _events(subject: Subject) -> list[Entry]:
    wanted = Q(subject_fingerprint__in=subject.fingerprints)
    if subject.account:
        wanted |= Q(actor_id=subject.account.pk)
    rows = SecurityEvent.objects.filter(wanted).order_by("-at")
    return [
        Entry(
            at=event.at,
            source="security",
            title=event.get_kind_display().lower(),
            state=event.result,
            detail=event.detail,
            url=reverse("admin:accounts_securityevent_change", args=[event.pk]),
            correlation_id=event.correlation_id,
        )
        for event in rows[:MOST_OF_EACH]
    ]


def _documents(subject: Subject) -> list[Entry]:
    return [
        Entry(
            at=document.created_at,
            source="document",
            title=f"{document.doc_type} announced",
            state=document.state,
            detail=document.rejected_reason,
            url=reverse("admin:documents_document_change", args=[document.pk]),
        )
        for document in subject.documents
    ]


def _links(subject: Subject) -> list[Entry]:
    """The links that the person was given, or that were given out for the document."""
    if subject.account:
        rows = SASGrant.objects.filter(user=subject.account)
    elif subject.documents:
        rows = SASGrant.objects.filter(document=subject.documents[0])
    else:
        return []
    return [
        Entry(
            at=grant.issued_at,
            source="link",
            title=f"link to {grant.get_right_display().lower()} given",
            state="ok",
            detail=f"document {grant.document_id}, until {grant.expires_at:%H:%M} UTC",
            url=reverse("admin:documents_sasgrant_change", args=[grant.pk]),
            correlation_id=grant.correlation_id,
        )
        for grant in rows.order_by("-issued_at")[:MOST_OF_EACH]
    ]
