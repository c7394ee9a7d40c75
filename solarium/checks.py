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
from phonenumbers import SUPPORTED_REGIONS

from api.idempotency_store import CLAIMED_FOR
from integrations import conf
from integrations.checks import is_loopback
from solarium.admin_networks import is_network

HINT = "See docs/settings.md."


@register("solarium")
def check_addresses(**kwargs: Any) -> list[CheckMessage]:
    """What stands in links, blob paths, phone rules, the cache's address, alerts, the admin."""
    return list(_wrong_values())


def _wrong_values() -> Iterator[CheckMessage]:
    if not _is_safe(settings.PUBLIC_BASE_URL):
        yield _error("PUBLIC_BASE_URL must begin with https://.", id="solarium.E001")
    if not re.fullmatch(r"[a-z0-9][a-z0-9\-]{0,30}", settings.SOLARIUM_ENV):
        yield _error(
            "SOLARIUM_ENV may hold lower-case letters, digits and dashes only: it stands in blob "
            "paths.",
            id="solarium.E002",
        )
    reset = settings.PASSWORD_RESET_URL
    if not (_is_safe(reset) and "{uid}" in reset and "{token}" in reset):
        yield _error(
            "PASSWORD_RESET_URL must begin with https:// and hold {uid} and {token}.",
            id="solarium.E003",
        )
    countries = settings.PHONE_COUNTRIES
    if not countries or not SUPPORTED_REGIONS.issuperset(countries):
        yield _error(
            "PHONE_COUNTRIES must name regions as IN, with commas between.", id="solarium.E004"
        )
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


def _warning(text: str, *, id: str) -> CheckMessage:
    return Warning(text, hint=HINT, id=id)


def _is_safe(url: str) -> bool:
    """Whether a link is https, or http to this machine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))


def _is_address(value: str) -> bool:
    try:
        validate_email(value)
    except ValidationError:
        return False
    return True


@register("solarium", Tags.security, deploy=True)
def check_production(**kwargs: Any) -> list[CheckMessage]:
    """E006: nobody could be answered; E009: a key of our own is not set; W001: limits and breakers
    are per process without a shared cache; W002: hanging providers could take every thread; W005: a
    stop would cut calls off; W006: an ``Idempotency-Key`` would be free while its call lasts."""
    return list(_unfit_for_production())


def _unfit_for_production() -> Iterator[CheckMessage]:
    from solarium.server import STOP_SECONDS  # brings granian along, which else only servers load

    if not settings.ALLOWED_HOSTS:
        yield _error("DJANGO_ALLOWED_HOSTS is not set.", id="solarium.E006")
    for name in ("OTP_PEPPERS", "KEY_ENCRYPTION_KEYS"):
        if not getattr(settings, name):
            yield _error(f"{name} is not set.", id="solarium.E009")
    if not settings.CACHE_URL:
        yield _warning(
            "CACHE_URL is not set: limits per IP and breakers are per process, not shared.",
            id="solarium.W001",
        )
    if sum(settings.PROVIDER_SLOTS.values()) >= settings.SERVE_THREADS:
        yield _warning(
            "MSG91_SLOTS, SENDGRID_SLOTS, AZURE_BLOB_SLOTS and TWILIO_SLOTS together leave none of "
            "the SERVE_THREADS free when all providers hang.",
            id="solarium.W002",
        )
    if (longest := _longest_call_seconds()) > STOP_SECONDS:
        yield _warning(
            "By PROVIDER_TIMEOUT_SECONDS, PROVIDER_RETRIES and PROVIDER_RETRY_WAIT_SECONDS a call "
            f"may last {longest:g} s; a server that stops waits for {STOP_SECONDS} s.",
            id="solarium.W005",
        )
    if settings.SMS_FALLBACK:
        longest += conf.guard().attempt_timeout_seconds
    if longest > (held := CLAIMED_FOR.total_seconds()):
        yield _warning(
            f"A call may last {longest:g} s by the same settings, an Idempotency-Key is held for "
            f"{held:g} s: who asks again would send a second message.",
            id="solarium.W006",
        )


def _longest_call_seconds() -> float:
    guard = conf.guard()
    attempts = (guard.retries + 1) * guard.attempt_timeout_seconds
    return attempts + guard.retries * guard.retry_wait_seconds
