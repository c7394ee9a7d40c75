"""Calls that providers report about, and reports as they send them."""

from __future__ import annotations

import base64
import json
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.utils import timezone

from integrations.gateways import DeliveryReport, delivery_reported
from integrations.models import GatewayCall
from solarium.tests.admin_rows import make_call

TOKEN = "report-token-0123456789-abcdefghijklmnop"
MSG91 = f"/integrations/webhooks/msg91/{TOKEN}"
SENDGRID = "/integrations/webhooks/sendgrid"
SIGNATURE = "HTTP_X_TWILIO_EMAIL_EVENT_WEBHOOK_SIGNATURE"
TIMESTAMP = "HTTP_X_TWILIO_EMAIL_EVENT_WEBHOOK_TIMESTAMP"
NUMBER, REQUEST_ID = "919812345678", "346a6d6b426b303131363530"
ADDRESS, MAIL_ID = "asha.rao@solarium.example", "Ua9z9lSTSaqYBWJe_Xfc-Q"
# What MSG91's times without a zone are about: 2026-11-24 10:06:20 in India.
IST = "2026-11-24 10:06:20"
IST_IN_UTC = datetime(2026, 11, 24, 4, 36, 20, tzinfo=UTC)

PRIVATE_KEY = ec.generate_private_key(ec.SECP256R1())
PUBLIC_KEY = base64.b64encode(
    PRIVATE_KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
).decode()


@pytest.fixture
def webhooks(settings):
    """Both webhooks open: the token is `TOKEN`, SendGrid's key is that of `PRIVATE_KEY`."""
    settings.MSG91_WEBHOOK_TOKEN = [TOKEN]
    settings.SENDGRID_WEBHOOK_PUBLIC_KEY = PUBLIC_KEY


@pytest.fixture
def told():
    """What other apps were told, batch by batch."""
    batches: list[list[DeliveryReport]] = []

    def hear(*, reports: list[DeliveryReport], **_: Any) -> None:
        batches.append(reports)

    delivery_reported.connect(hear)
    yield batches
    delivery_reported.disconnect(hear)


def make_sms(**fields: Any) -> GatewayCall:
    """An SMS that MSG91 took a minute before `IST`."""
    return make_call(
        **{
            "at": IST_IN_UTC - timedelta(minutes=1),
            "recipient": f"+{NUMBER}",
            "provider_message_id": REQUEST_ID,
            "reference": f"otp:{uuid.uuid4()}",
            **fields,
        }
    )


def make_mail(**fields: Any) -> GatewayCall:
    """A mail that SendGrid took five minutes ago."""
    return make_call(
        **{
            "at": timezone.now() - timedelta(minutes=5),
            "recipient": ADDRESS,
            "provider": "sendgrid",
            "operation": "send_email",
            "provider_message_id": MAIL_ID,
            "reference": str(uuid.uuid4()),
            **fields,
        }
    )


def state(call: GatewayCall) -> str:
    """What became of a call's message, as its row says now."""
    call.refresh_from_db()
    return call.delivery


def v3(**fields: Any) -> dict[str, Any]:
    """MSG91's v3: one report as JSON."""
    return {
        "date": IST, "number": NUMBER, "senderId": "SOLRIM", "requestId": REQUEST_ID,
        "CRQID": "0", "status": "1", "desc": "DELIVERED", **fields,
    }  # fmt: skip


def v2(*reports: dict[str, Any], request_id: str = REQUEST_ID) -> dict[str, str]:
    """MSG91's v2: a form whose field holds JSON; of each report only what differs is given."""
    usual = {"date": IST, "number": NUMBER, "status": "1", "desc": "DELIVERED"}
    rows = [{**usual, **each} for each in reports]
    return {"data": json.dumps([{"senderId": "SOLRIM", "requestId": request_id, "report": rows}])}


def event(**fields: Any) -> dict[str, Any]:
    """One of SendGrid's events, of its own id unless said otherwise."""
    return {
        "email": ADDRESS, "timestamp": int(time.time()), "event": "delivered",
        "sg_event_id": uuid.uuid4().hex, "response": "250 OK",
        "sg_message_id": f"{MAIL_ID}.filter0001.16648.5515E0B88.0", **fields,
    }  # fmt: skip


def sign(body: bytes, *, timestamp: str | None = None) -> dict[str, str]:
    """The headers that SendGrid sends with a body."""
    stamp = timestamp if timestamp is not None else str(int(time.time()))
    signature = PRIVATE_KEY.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    return {SIGNATURE: base64.b64encode(signature).decode(), TIMESTAMP: stamp}


def post_msg91(client: Any, body: Any, *, path: str = MSG91, content_type: str = "") -> Any:
    """POST a form (dict of v2), or JSON, or bytes as they are."""
    if isinstance(body, dict) and set(body) == {"data"}:
        body = urlencode(body).encode()
        content_type = content_type or "application/x-www-form-urlencoded"
    raw = body if isinstance(body, bytes) else json.dumps(body)
    return client.post(path, raw, content_type=content_type or "application/json")


def post_sendgrid(client: Any, events: Any, **headers: Any) -> Any:
    """POST signed events, or bytes as they are."""
    raw = events if isinstance(events, bytes) else json.dumps(events).encode()
    signed = {**sign(raw), **headers}
    return client.post(SENDGRID, raw, content_type="application/json", **signed)
