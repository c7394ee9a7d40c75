"""What the tests of the keyring share."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from integrations import encryption, gateways, keys
from integrations.models import ProviderKey
from integrations.testing import Wire

from .rotating import fingerprint

BAD_KEY = {"type": "error", "message": "Invalid authkey", "code": "201"}


def store(state: str, key: str, provider: str = "msg91") -> ProviderKey:
    row = ProviderKey.objects.create(
        provider=provider,
        state=state,
        ciphertext=encryption.encrypt(key),
        fingerprint=fingerprint(key),
        source="rotation",
        created_at=timezone.now() - timedelta(days=1),
    )
    keys.forget()
    return row


def send() -> gateways.SMSReceipt:
    return gateways.send_otp(to="+919800000000", code="123456", reference="otp:test")


def asked_with(wire: Wire) -> list[str]:
    return [call.request.headers["authkey"] for call in wire.mock.calls]
