"""Rows of every kind that grows old."""

from __future__ import annotations

import io
import json
import uuid
from datetime import UTC, datetime, timedelta

from axes.models import AccessAttempt
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.sessions.models import Session
from django.core.management import call_command

from accounts.models import AuthToken, SecurityEvent, User
from accounts.roles import App, Role
from api.models import IdempotencyRecord
from documents.models import Document, SASGrant
from integrations.models import Alert, DeliveryEvent, GatewayCall, ProviderKey
from otp.models import Challenge, DemoNumber, Phone

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
YEAR = timedelta(days=400)


def make_challenge(at, *, phone="+919800000001", digest="d" * 64):
    Phone.objects.get_or_create(pk=phone, defaults={"last_request_at": at})
    return Challenge.objects.create(
        phone_id=phone, app="CUSTAP", code_digest=digest, pepper_id="p", client_address="192.0.2.1",
        created_at=at,
    )  # fmt: skip


def make_call(at):
    """A call whose process was killed: it never ended."""
    return GatewayCall.objects.create(provider="msg91", operation="send_otp", started_at=at)


def make_delivery_event(at):
    return DeliveryEvent.objects.create(
        provider="msg91", event_id=uuid.uuid4().hex, state="delivered", at=NOW, received_at=at
    )


def make_alert(at):
    return Alert.objects.create(
        provider="msg91", kind="failures", text="t", opened_at=at, resolved_at=at
    )


def make_key(at, state="retired"):
    return ProviderKey.objects.create(
        provider="msg91", fingerprint="f", state=state, source="rotation", created_at=at,
        retired_at=at,
    )  # fmt: skip


def make_event(at):
    return SecurityEvent.objects.create(kind="login", result="ok", at=at)


def make_user():
    return User.objects.create_user(role=Role.ADMIN, email=f"{uuid.uuid4()}@solarium.example")


def make_link(at):
    user = make_user()
    document = Document.objects.create(uploader=user, blob_name=f"test/{uuid.uuid4()}.pdf")
    return SASGrant.objects.create(
        document=document, user=user, right="read", issued_at=at, expires_at=at
    )


def make_log_entry(at):
    return LogEntry.objects.create(
        user=make_user(), object_repr="r", action_flag=CHANGE, action_time=at
    )


def make_token(at):
    token = AuthToken(digest=uuid.uuid4().hex, user=make_user(), app=App.WEBPRT, expiry=at)
    token.save(force_insert=True)
    return token


def make_idempotency_record(at):
    return IdempotencyRecord.objects.create(
        key_digest=uuid.uuid4().hex, body_digest="b", owner="o", expires_at=at
    )


def make_demo_number(at):
    return DemoNumber.objects.create(
        phone_e164=f"+9198{uuid.uuid4().int % 10**8:08d}", role=Role.CUSTOMER, code_digest="d",
        ends_at=at, made_by=uuid.uuid4(), created_at=at - timedelta(days=1),
    )  # fmt: skip


def make_session(at):
    return Session.objects.create(session_key=uuid.uuid4().hex, session_data="", expire_date=at)


def make_failed_login(at):
    """What django-axes keeps of the admin's; its time is its own, so it is set afterwards."""
    row = AccessAttempt.objects.create(
        username=uuid.uuid4().hex, ip_address="192.0.2.1", failures_since_start=1
    )
    AccessAttempt.objects.filter(pk=row.pk).update(attempt_time=at)
    return row


def run(**options):
    """Run ``manage.py purge_records`` and return how many rows went, by kind."""
    out = io.StringIO()
    call_command("purge_records", stdout=out, json=True, **options)
    return {row["kind"]: row["rows"] for row in json.loads(out.getvalue())["kinds"]}
