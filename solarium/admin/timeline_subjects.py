"""Whom a timeline is about: a phone, address, account or document, found by what is known."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from accounts.models import SecurityEvent, User
from documents.models import Document
from integrations import redact
from integrations.models import DeliveryEvent, GatewayCall
from otp.models import Challenge
from solarium.admin.records import normalized

MOST_OF_EACH = 200  # rows a source; the newest


@dataclass(kw_only=True)
class Subject:
    """Whom or what a timeline is about; ``shown`` is masked."""

    shown: str
    fingerprints: set[str]
    phone: str = ""
    account: User | None = None
    documents: list[Document] = field(default_factory=list)


def subject_of_text(text: str) -> Subject | None:
    """Return the subject that a person typed: a phone or address as rows know it, a document id.

    None: it is neither.
    """
    value = normalized(text)
    if value:
        column = "email" if "@" in value else "phone"
        return _with_account(
            Subject(
                shown=redact.mask_recipient(value),
                fingerprints={redact.fingerprint(value)},
                phone="" if "@" in value else value,
            ),
            User.objects.filter(**{column: value}).first(),
        )
    try:
        return subject_of_document(UUID(text.strip()))
    except ValueError:
        return None


def subject_of_account(pk: UUID) -> Subject | None:
    """Return the person behind an account: by phone and by address."""
    user = User.objects.filter(pk=pk).first()
    if user is None:
        return None
    return _with_account(Subject(shown=str(user), fingerprints=set()), user)


def subject_of_document(pk: UUID) -> Subject | None:
    """Return a document: its row and the calls about its blob."""
    document = Document.objects.filter(pk=pk).first()
    if document is None:
        return None
    subject = Subject(shown=f"Document {pk}", fingerprints=set(), documents=[document])
    subject.fingerprints |= _fingerprints_of(document)
    return subject


def subject_of_fingerprint(fingerprint: str) -> Subject | None:
    """Return whoever a row with this fingerprint was about, as far as other rows tell."""
    call = (
        GatewayCall.objects.filter(recipient_fingerprint=fingerprint)
        .exclude(recipient_masked="")
        .order_by("-started_at")
        .first()
    )
    shown = call.recipient_masked if call else _shown_elsewhere(fingerprint)
    if shown is None:
        return None
    subject = Subject(shown=shown, fingerprints={fingerprint})
    kind, _, reference = (call.reference if call else "").partition(":")
    if kind == "otp":
        challenge = Challenge.objects.filter(pk=reference).first()
        if challenge:
            subject.phone = challenge.phone_id
            return _with_account(subject, User.objects.filter(phone=challenge.phone_id).first())
    return subject


def _shown_elsewhere(fingerprint: str) -> str | None:
    """Return the mask in a row that is no call; None where there is no such row."""
    event = SecurityEvent.objects.filter(subject_fingerprint=fingerprint).first()
    if event is not None:
        return event.subject_masked
    report = DeliveryEvent.objects.filter(recipient_fingerprint=fingerprint).first()
    return None if report is None else report.recipient_masked


def _with_account(subject: Subject, user: User | None) -> Subject:
    if user is None:
        return subject
    subject.account = user
    subject.phone = subject.phone or user.phone or ""
    subject.documents = list(
        Document.objects.filter(uploader=user).order_by("-created_at")[:MOST_OF_EACH]
    )
    values = [value for value in (user.phone, user.email) if value]
    subject.fingerprints |= {redact.fingerprint(value) for value in values}
    for document in subject.documents:
        subject.fingerprints |= _fingerprints_of(document)
    return subject


def _fingerprints_of(document: Document) -> set[str]:
    return {redact.fingerprint(document.blob_name), redact.fingerprint(str(document.pk))}
