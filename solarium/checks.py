"""System checks of the project as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from integrations.checks import is_loopback
from solarium.admin_networks import is_network

HINT = "See docs/settings.md."


@register("solarium")
def check_addresses(**kwargs: Any) -> list[CheckMessage]:
    """What stands in links, blob paths, phone rules, the cache's address, alerts, the admin."""
    return list(_wrong_values())


def _wrong_values() -> Iterator[CheckMessage]:
    public = urlsplit(settings.PUBLIC_BASE_URL)
    is_local = public.scheme == "http" and is_loopback(public.hostname or "")
    if public.scheme != "https" and not is_local:
        yield _error("PUBLIC_BASE_URL must begin with https://.", id="solarium.E001")
    if not re.fullmatch(r"[a-z0-9][a-z0-9\-]{0,30}", settings.SOLARIUM_ENV):
        yield _error(
            "SOLARIUM_ENV may hold lower-case letters, digits and dashes only: it stands in blob "
            "paths.",
            id="solarium.E002",
        )
    if not all(part in settings.PASSWORD_RESET_URL for part in ("{uid}", "{token}")):
        yield _error("PASSWORD_RESET_URL must hold {uid} and {token}.", id="solarium.E003")
    if not settings.PHONE_COUNTRIES:
        yield _error("PHONE_COUNTRIES is empty.", id="solarium.E004")
    if settings.CACHE_URL and urlsplit(settings.CACHE_URL).scheme not in ("redis", "rediss"):
        yield _error("CACHE_URL must begin with redis:// or rediss://.", id="solarium.E005")
    if not all(is_network(name) for name in settings.ADMIN_ALLOWED_NETWORKS):
        yield _error(
            "ADMIN_ALLOWED_NETWORKS must name networks like 203.0.113.0/24 or 2001:db8::/48, IPv6 "
            "with at most 64 bits.",
            id="solarium.E008",
        )
    if not all(_is_address(address) for _, address in settings.ADMINS):
        yield _error("ALERT_EMAILS must be mail addresses with commas between.", id="solarium.E020")
    if settings.SMS_FALLBACK not in ("", "twilio"):
        yield _error('SMS_FALLBACK must be empty or "twilio".', id="solarium.E010")
    if not re.fullmatch(r"(/.+|[^:/\s]+:\d{1,5})?", settings.CLAMAV_SOCKET):
        yield _error("CLAMAV_SOCKET must be /a/path or host:port.", id="solarium.E030")


def _error(text: str, *, id: str) -> CheckMessage:
    return Error(text, hint=HINT, id=id)


def _is_address(value: str) -> bool:
    try:
        validate_email(value)
    except ValidationError:
        return False
    return True


@register("solarium", Tags.security, deploy=True)
def check_production(**kwargs: Any) -> list[CheckMessage]:
    """E006: nobody could be answered; E009: a key of our own is not set; W001: limits and breakers
    are per process without a shared cache; W002: hanging providers could take every thread."""
    problems: list[CheckMessage] = []
    if not settings.ALLOWED_HOSTS:
        problems.append(Error("DJANGO_ALLOWED_HOSTS is not set.", hint=HINT, id="solarium.E006"))
    problems += [
        _error(f"{name} is not set.", id="solarium.E009")
        for name in ("OTP_PEPPERS", "KEY_ENCRYPTION_KEYS")
        if not getattr(settings, name)
    ]
    if sum(settings.PROVIDER_SLOTS.values()) >= settings.SERVE_THREADS:
        problems.append(
            Warning(
                "MSG91_SLOTS, SENDGRID_SLOTS, AZURE_BLOB_SLOTS and TWILIO_SLOTS together leave "
                "none of the SERVE_THREADS free when all providers hang.",
                hint=HINT,
                id="solarium.W002",
            )
        )
    if not settings.CACHE_URL:
        problems.append(
            Warning(
                "CACHE_URL is not set: limits per IP and breakers are per process, not shared.",
                hint=HINT,
                id="solarium.W001",
            )
        )
    return problems
