"""System checks: a wrong setting is found at boot, not by a customer."""

from __future__ import annotations

import ipaddress
from base64 import b64decode
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from integrations import conf
from integrations.errors import GatewayMisconfigured

HINT = "See docs/settings.md."


@register("integrations")
def check_channels(**kwargs: Any) -> list[CheckMessage]:
    """E001: a channel that cannot be built; E002-E004: numbers and URLs that cannot work."""
    problems: list[CheckMessage] = []
    for alias in ("sms", "email", "blob"):
        try:
            conf.client(alias)
        except (GatewayMisconfigured, ImportError, KeyError) as err:
            problems.append(
                Error(f"INTEGRATIONS[{alias!r}]: {err}", hint=HINT, id="integrations.E001")
            )
    if settings.MSG91_API not in ("otp", "flow"):
        problems.append(
            Error('MSG91_API must be "otp" or "flow".', hint=HINT, id="integrations.E002")
        )
    if settings.AZURE_SAS_PROTOCOL not in ("https", "https,http"):
        problems.append(
            Error(
                'AZURE_SAS_PROTOCOL must be "https" or "https,http".',
                hint=HINT,
                id="integrations.E005",
            )
        )
    if settings.AZURE_STORAGE_CONNECTION_STRING and not _is_connection_string(
        settings.AZURE_STORAGE_CONNECTION_STRING
    ):
        problems.append(
            Error(
                "AZURE_STORAGE_CONNECTION_STRING must hold AccountName and AccountKey.",
                hint=HINT,
                id="integrations.E006",
            )
        )
    guard = conf.guard()
    if (
        min(guard.connect_timeout_seconds, guard.attempt_timeout_seconds) <= 0
        or min(guard.retries, guard.retry_wait_seconds) < 0
    ):
        problems.append(
            Error(
                "PROVIDER_CONNECT_TIMEOUT_SECONDS and PROVIDER_TIMEOUT_SECONDS must be greater "
                "than zero, PROVIDER_RETRIES and PROVIDER_RETRY_WAIT_SECONDS not negative.",
                hint=HINT,
                id="integrations.E003",
            )
        )
    if min(settings.PROVIDER_SLOTS.values()) < 1:
        problems.append(
            Error(
                "MSG91_SLOTS, SENDGRID_SLOTS and AZURE_BLOB_SLOTS must be greater than zero.",
                hint=HINT,
                id="integrations.E007",
            )
        )
    for name in ("MSG91_BASE_URL", "SENDGRID_BASE_URL"):
        problems += _check_url(name, getattr(settings, name))
    if settings.ALERT_WEBHOOK_URL:
        problems += _check_url("ALERT_WEBHOOK_URL", settings.ALERT_WEBHOOK_URL)
    if settings.AZURE_STORAGE_ACCOUNT_URL:
        problems += _check_url("AZURE_STORAGE_ACCOUNT_URL", settings.AZURE_STORAGE_ACCOUNT_URL)
    return problems


@register("integrations", Tags.database)
def check_transactions(**kwargs: Any) -> list[CheckMessage]:
    """E011: a transaction round every request would hold a connection during provider calls."""
    if any(database.get("ATOMIC_REQUESTS") for database in settings.DATABASES.values()):
        return [Error("ATOMIC_REQUESTS must be off.", hint=HINT, id="integrations.E011")]
    return []


@register("integrations", Tags.security, deploy=True)
def check_keys(**kwargs: Any) -> list[CheckMessage]:
    """E010: a provider without its key or address in production; each is named."""
    required = [
        "MSG91_AUTH_KEY",
        "MSG91_OTP_TEMPLATE_ID",
        "SENDGRID_API_KEY",
        "SENDGRID_FROM_EMAIL",
        "FINGERPRINT_KEY",
        "OTP_PEPPERS",
        "KEY_ENCRYPTION_KEYS",
    ]
    problems: list[CheckMessage] = [
        Error(f"{name} is not set.", hint=HINT, id="integrations.E010")
        for name in required
        if not getattr(settings, name)
    ]
    if not (settings.AZURE_STORAGE_CONNECTION_STRING or settings.AZURE_STORAGE_ACCOUNT_URL):
        problems.append(
            Error(
                "AZURE_STORAGE_CONNECTION_STRING or AZURE_STORAGE_ACCOUNT_URL is not set.",
                hint=HINT,
                id="integrations.E010",
            )
        )
    return problems


def _check_url(name: str, value: str) -> list[CheckMessage]:
    parts = urlsplit(value)
    if parts.scheme == "https" and parts.hostname:
        return []
    if parts.scheme == "http" and is_loopback(parts.hostname or ""):
        return [Warning(f"{name} is http on this machine.", hint=HINT, id="integrations.W001")]
    return [Error(f"{name} must begin with https://.", hint=HINT, id="integrations.E004")]


def _is_connection_string(value: str) -> bool:
    parts = dict(part.partition("=")[::2] for part in value.split(";") if part)
    try:
        return bool(parts["AccountName"] and b64decode(parts["AccountKey"], validate=True))
    except (KeyError, ValueError):
        return False


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
