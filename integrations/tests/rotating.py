"""What the tests of key rotation share."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from integrations import redact
from integrations.models import ProviderKey
from integrations.testing import AZURITE_KEY, Wire

PROVIDERS = ["msg91", "sendgrid", "azure_blob"]
NEW = {"msg91": "new-msg91-key", "sendgrid": "SG.new.key", "azure_blob": "bmV3LWF6dXJlLWtleQ=="}
TEMPLATE = {"status": "success", "hasError": False, "data": [{"dlt_verified": "10"}]}


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str


def rotate(
    monkeypatch: pytest.MonkeyPatch, *arguments: str, stdin: str = "", **options: Any
) -> Said:
    """Run ``manage.py rotate_key`` in this process."""
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
    try:
        call_command("rotate_key", *arguments, stdout=out, stderr=err, **options)
    except CommandError as refused:
        return Said(code=1, out=out.getvalue(), err=err.getvalue() + str(refused))
    return Said(code=0, out=out.getvalue(), err=err.getvalue())


def fingerprint(key: str) -> str:
    return redact.key_fingerprint(key)


def environment_key(provider: str) -> str:
    """Return the key that the settings of the test run hold."""
    return {
        "msg91": settings.MSG91_AUTH_KEY,
        "sendgrid": settings.SENDGRID_API_KEY,
        "azure_blob": AZURITE_KEY,
        "otp_pepper": settings.OTP_PEPPERS[0],
    }[provider]


def states(provider: str) -> dict[str, str]:
    """Return fingerprints by state, retired ones left out."""
    rows = ProviderKey.objects.filter(provider=provider).exclude(state="retired")
    return {row.state: row.fingerprint for row in rows}


def everything() -> list[dict[str, Any]]:
    """Return the whole table."""
    return list(ProviderKey.objects.order_by("pk").values())


def takes(wire: Wire, *providers: str) -> None:
    """Let providers say yes to whatever key is to be proved."""
    if "msg91" in providers:
        wire.mock.post(f"{settings.MSG91_BASE_URL}/api/v5/sms/getTemplateVersions", json=TEMPLATE)
    if "sendgrid" in providers:
        wire.mock.get(f"{settings.SENDGRID_BASE_URL}/v3/scopes", json={"scopes": ["mail.send"]})
    if "azure_blob" in providers:
        url = "http://127.0.0.1:10000/devstoreaccount1/docs?restype=container"
        wire.mock.get(url, headers={"x-ms-version": "2025-11-05"})
