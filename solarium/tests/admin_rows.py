"""One row of everything that the admin shows, with planted secrets and hostile texts."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import SecurityEvent, User
from accounts.roles import Role
from documents.models import Document, SASGrant
from integrations import redact
from integrations.models import Alert, DeliveryEvent, GatewayCall, ProviderKey, Suppression
from otp.models import Challenge, DemoNumber, Phone

PHONE = "+919812345678"
EMAIL = "asha.rao@solarium.example"
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"
# Where the admin lists what `make_world` returns.
LISTS = {
    "customer": "accounts_user",
    "document": "documents_document",
    "challenge": "otp_challenge",
    "call": "integrations_gatewaycall",
    "event": "accounts_securityevent",
    "link": "documents_sasgrant",
    "alert": "integrations_alert",
    "key": "integrations_providerkey",
    "demo_number": "otp_demonumber",
    "delivery": "integrations_deliveryevent",
    "suppression": "integrations_suppression",
}


def make_call(*, at: datetime, recipient: str = PHONE, **fields: Any) -> GatewayCall:
    """Return a finished call of 120 ms; an SMS that was accepted unless said otherwise."""
    return GatewayCall.objects.create(
        **{
            "provider": "msg91",
            "operation": "send_otp",
            "outcome": "accepted",
            "attempts": [{"started": at.isoformat(), "ms": 118, "httpStatus": 200, "error": ""}],
            "recipient_masked": redact.mask_recipient(recipient),
            "recipient_fingerprint": redact.fingerprint(recipient),
            "correlation_id": str(uuid.uuid4()),
            "started_at": at,
            "finished_at": at + timedelta(milliseconds=120),
            **fields,
        }
    )


def make_challenge(*, at: datetime, phone: str = PHONE, **fields: Any) -> Challenge:
    """Return a code that was sent and not yet used."""
    row, _ = Phone.objects.get_or_create(phone_e164=phone, defaults={"last_request_at": at})
    return Challenge.objects.create(
        **{
            "phone": row,
            "app": "CUSTAP",
            "code_digest": "d1935" * 10,
            "pepper_id": "p" * 12,
            "state": "accepted",
            "client_address": "192.0.2.1",
            "created_at": at,
            "accepted_at": at + timedelta(milliseconds=200),
            "expires_at": at + timedelta(seconds=120),
            **fields,
        }
    )


def make_demo_number(*, phone: str, at: datetime) -> DemoNumber:
    """Return a number whose code is fixed for a week."""
    return DemoNumber.objects.create(
        phone_e164=phone,
        role=Role.CUSTOMER,
        code_digest="planted-digest",
        ends_at=at + timedelta(days=7),
        made_by=uuid.uuid4(),
        created_at=at,
    )


def make_world(*, now: datetime) -> dict[str, Any]:
    """Return one of each, all about the customer with `PHONE` and `EMAIL`."""
    customer = User.objects.create_user(
        role=Role.CUSTOMER, phone=PHONE, email=EMAIL, name=f"Asha {HOSTILE}"
    )
    return {
        "customer": customer,
        **_make_code_and_login(customer, now),
        **_make_document_and_link(customer, now),
        **_make_reports(now),
        "demo_number": make_demo_number(phone="+919812345600", at=now),
        "alert": Alert.objects.create(
            provider="msg91", kind="failures", text=HOSTILE, opened_at=now - timedelta(minutes=2)
        ),
        "key": ProviderKey.objects.create(
            provider="msg91",
            ciphertext="planted-ciphertext",
            fingerprint="0123456789ab",
            state="active",
            source="rotation",
            created_at=now - timedelta(days=100),
            activated_at=now - timedelta(days=100),
        ),
    }


def _make_code_and_login(customer: User, now: datetime) -> dict[str, Any]:
    challenge = make_challenge(at=now - timedelta(minutes=9))
    return {
        "challenge": challenge,
        "call": make_call(
            at=challenge.created_at + timedelta(milliseconds=10),
            reference=f"otp:{challenge.pk}",
            provider_message_id="m-1",
            provider_code=HOSTILE[:60],
        ),
        "event": SecurityEvent.objects.create(
            kind="login",
            result="ok",
            at=now - timedelta(minutes=8),
            actor_id=customer.pk,
            subject_masked=redact.mask_recipient(PHONE),
            subject_fingerprint=redact.fingerprint(PHONE),
            detail=HOSTILE,
        ),
    }


def _make_document_and_link(customer: User, now: datetime) -> dict[str, Any]:
    document = Document.objects.create(
        doc_type="KYC",
        uploader=customer,
        file_name=f"{HOSTILE}.pdf"[:120],
        content_type="application/pdf",
        blob_name="dev/2026/11/a.pdf",
        etag="planted-etag",
        created_at=now - timedelta(minutes=5),
    )
    return {
        "document": document,
        "link": SASGrant.objects.create(
            signature_sha256="5" * 64,
            user=customer,
            right="create",
            document=document,
            blob_name=document.blob_name,
            client_address="192.0.2.1",
            issued_at=now - timedelta(minutes=5),
            expires_at=now + timedelta(minutes=25),
        ),
        "blob_call": make_call(
            at=now - timedelta(minutes=4),
            recipient=document.blob_name,
            provider="azure_blob",
            operation="get_blob_properties",
            reference=str(document.pk),
        ),
    }


def _make_reports(now: datetime) -> dict[str, Any]:
    return {
        "delivery": DeliveryEvent.objects.create(
            provider="msg91",
            event_id="e-1",
            state="delivered",
            kind=HOSTILE[:40],
            reason=HOSTILE,
            recipient_masked=redact.mask_recipient(PHONE),
            recipient_fingerprint=redact.fingerprint(PHONE),
            at=now - timedelta(minutes=7),
            received_at=now - timedelta(minutes=7),
        ),
        "suppression": Suppression.objects.create(
            address_fingerprint=redact.fingerprint(EMAIL),
            address_masked=redact.mask_recipient(EMAIL),
            kind="bounce",
            reason=HOSTILE,
            since=now - timedelta(minutes=6),
        ),
    }


@pytest.fixture
def world() -> dict[str, Any]:
    """One of each, all of the last minutes."""
    return make_world(now=timezone.now())
