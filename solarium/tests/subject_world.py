"""A person, and what two weeks of use leave behind of one."""

from __future__ import annotations

import io
import json
from datetime import datetime, timedelta
from typing import Any

from axes.models import AccessAttempt
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.utils import timezone

from accounts import security_events
from accounts.models import SecurityEvent, User
from accounts.roles import App, Role
from accounts.sessions import issue_token
from documents.models import Document, Reference, SASGrant
from integrations.models import DeliveryEvent, GatewayCall, Suppression
from integrations.redact import fingerprint, mask_recipient
from otp.models import Challenge, Phone

PHONE, EMAIL, NAME = "+919812345678", "asha.rao@solarium.example", "Asha Planted"
ADDRESS = "198.51.100.77"
OTHER_PHONE = "+919800000002"


def make_asha() -> User:
    """A customer with a phone, a mail address, a session and a past."""
    user = User.objects.create_user(role=Role.CUSTOMER, phone=PHONE, email=EMAIL, name=NAME)
    issue_token(user=user, app=App.CUSTAP, now=timezone.now())
    make_traces(phone=PHONE, email=EMAIL, at=timezone.now() - timedelta(days=14))
    suppress(EMAIL)
    AccessAttempt.objects.create(
        username=fingerprint(EMAIL),
        ip_address=ADDRESS,
        user_agent="Planted browser",
        failures_since_start=1,
    )
    security_events.record(
        kind=SecurityEvent.Kind.LOGIN,
        result=SecurityEvent.Result.OK,
        actor_id=user.pk,
        client_address=ADDRESS,
    )
    LogEntry.objects.create(
        user=user,
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(user.pk),
        object_repr=str(user),
        action_flag=CHANGE,
    )
    return user


def make_somebody_else() -> User:
    """Another customer, with traces of the same kinds."""
    user = User.objects.create_user(role=Role.CUSTOMER, phone=OTHER_PHONE, name="Somebody Else")
    make_traces(phone=OTHER_PHONE, at=timezone.now())
    make_document(user, name="theirs.pdf")
    return user


def make_traces(*, phone: str, at: datetime, email: str = "") -> None:
    Phone.objects.create(pk=phone, last_request_at=at)
    Challenge.objects.create(
        phone_id=phone,
        app="CUSTAP",
        code_digest="d" * 64,
        pepper_id="p",
        client_address=ADDRESS,
        created_at=at,
        state="accepted",
    )
    for recipient in filter(None, (phone, email)):
        GatewayCall.objects.create(
            provider="msg91",
            operation="send_otp",
            started_at=at,
            outcome="accepted",
            recipient_masked=mask_recipient(recipient),
            recipient_fingerprint=fingerprint(recipient),
        )
        DeliveryEvent.objects.create(
            provider="msg91",
            event_id=fingerprint(recipient),
            state="undelivered",
            reason=f"550 {mask_recipient(recipient)}",
            recipient_masked=mask_recipient(recipient),
            recipient_fingerprint=fingerprint(recipient),
            at=at,
            received_at=at,
        )
        security_events.record(
            kind=SecurityEvent.Kind.LOGIN,
            result=SecurityEvent.Result.REFUSED,
            subject=recipient,
            client_address=ADDRESS,
        )


def suppress(email: str) -> None:
    """Mail to an address came back."""
    Suppression.objects.create(
        address_fingerprint=fingerprint(email),
        address_masked=mask_recipient(email),
        kind="bounce",
        reason=f"550 {mask_recipient(email)}",
        since=timezone.now(),
    )


def sha256_of(uploader: User) -> str:
    """The digest that `make_document` gives to a person's files."""
    return fingerprint(str(uploader.pk))


def make_document(
    uploader: User,
    *,
    reference: Reference | None = None,
    age: timedelta = timedelta(days=1),
    name: str = "Asha Aadhaar.pdf",
) -> Document:
    document = Document(
        doc_type="KYC",
        uploader=uploader,
        reference=reference,
        file_name=name,
        state="available",
        content_type="application/pdf",
        sha256=sha256_of(uploader),
        declared_sha256=sha256_of(uploader),
        size=4,
        created_at=timezone.now() - age,
    )
    document.blob_name = f"test/2026/11/{document.pk}.pdf"
    document.save()
    SASGrant.objects.create(
        signature_sha256="5" * 64,
        user=uploader,
        right="create",
        document=document,
        blob_name=document.blob_name,
        client_address=ADDRESS,
        issued_at=document.created_at,
        expires_at=document.created_at + timedelta(minutes=30),
    )
    return document


def run(action: str, **options: Any) -> str:
    """Run ``manage.py subject_data`` and return what it printed."""
    out = io.StringIO()
    call_command("subject_data", action, stdout=out, **options)
    return out.getvalue()


def erase(**options: Any) -> dict[str, Any]:
    """Erase Asha, unless told whom; return the receipt."""
    receipt: dict[str, Any] = json.loads(run("erase", json=True, **({"phone": PHONE} | options)))
    return receipt


def rows_of(receipt: dict[str, Any]) -> dict[str, int]:
    return {each["table"]: each["rows"] for each in receipt["tables"]}


def everything() -> str:
    """Every value of every row of every table."""
    return str([list(model.objects.values()) for model in apps.get_models()])
