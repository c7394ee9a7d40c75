"""System checks: a wrong setting is found at boot, not by a customer."""

from __future__ import annotations

import ipaddress
import re
from base64 import b64decode
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from integrations import conf
from integrations.errors import GatewayMisconfigured

HINT = "See docs/settings.md."
TWILIO_FORMS = {
    "TWILIO_ACCOUNT_SID": re.compile(r"AC[0-9a-f]{32}"),
    "TWILIO_API_KEY_SID": re.compile(r"(?:SK[0-9a-f]{32})?"),
    "TWILIO_AUTH_TOKEN": re.compile(r"[!-~]+"),
    # A number, a Messaging Service, or a header of at most 11 letters and digits.
    "TWILIO_FROM": re.compile(r"\+[1-9]\d{6,14}|MG[0-9a-f]{32}|[A-Za-z0-9 ]{1,11}", re.ASCII),
}


@register("integrations")
def check_channels(**kwargs: Any) -> list[CheckMessage]:
    """E001: a channel that cannot be built; E002-E009: values that cannot work."""
    urls = ["MSG91_BASE_URL", "SENDGRID_BASE_URL"]
    if settings.SMS_FALLBACK:
        urls.append("TWILIO_BASE_URL")
    urls += [n for n in ("ALERT_WEBHOOK_URL", "AZURE_STORAGE_ACCOUNT_URL") if getattr(settings, n)]
    problems = [*_check_channels(), *_check_values(), *_check_second_route()]
    for name in urls:
        problems += _check_url(name, getattr(settings, name))
    return problems


def _error(text: str, *, id: str) -> CheckMessage:
    return Error(text, hint=HINT, id=id)


def _check_channels() -> Iterator[CheckMessage]:
    second = ("sms_fallback",) if conf.has_channel("sms_fallback") else ()
    for alias in ("sms", *second, "email", "blob"):
        try:
            conf.client(alias)
        except (GatewayMisconfigured, ImportError, KeyError) as err:
            yield _error(f"INTEGRATIONS[{alias!r}]: {err}", id="integrations.E001")


def _check_values() -> Iterator[CheckMessage]:
    guard, connection = conf.guard(), settings.AZURE_STORAGE_CONNECTION_STRING
    if settings.MSG91_API not in ("otp", "flow"):
        yield _error('MSG91_API must be "otp" or "flow".', id="integrations.E002")
    if (
        min(guard.connect_timeout_seconds, guard.attempt_timeout_seconds) <= 0
        or min(guard.retries, guard.retry_wait_seconds) < 0
    ):
        yield _error(
            "PROVIDER_CONNECT_TIMEOUT_SECONDS and PROVIDER_TIMEOUT_SECONDS must be greater than "
            "zero, PROVIDER_RETRIES and PROVIDER_RETRY_WAIT_SECONDS not negative.",
            id="integrations.E003",
        )
    if settings.AZURE_SAS_PROTOCOL not in ("https", "https,http"):
        yield _error('AZURE_SAS_PROTOCOL must be "https" or "https,http".', id="integrations.E005")
    if connection and not _is_connection_string(connection):
        yield _error(
            "AZURE_STORAGE_CONNECTION_STRING must hold AccountName and AccountKey.",
            id="integrations.E006",
        )
    if not 1 <= settings.AZURE_SOFT_DELETE_DAYS <= 365:
        yield _error(
            "AZURE_SOFT_DELETE_DAYS must be between 1 and 365: Azure takes no other number.",
            id="integrations.E030",
        )
    if min(settings.PROVIDER_SLOTS.values()) < 1:
        yield _error(
            "MSG91_SLOTS, SENDGRID_SLOTS, AZURE_BLOB_SLOTS and TWILIO_SLOTS must be greater than "
            "zero.",
            id="integrations.E007",
        )


def _check_second_route() -> Iterator[CheckMessage]:
    """E008: it names nobody; E009: what it needs is not set, or is something else."""
    if settings.SMS_FALLBACK not in ("", "twilio"):
        yield _error('SMS_FALLBACK must be empty or "twilio".', id="integrations.E008")
    if settings.SMS_FALLBACK != "twilio":
        return
    for name, form in TWILIO_FORMS.items():
        if not form.fullmatch(getattr(settings, name)):
            text = f"SMS_FALLBACK is twilio, but {name} is not set or is something else."
            yield _error(text, id="integrations.E009")


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
