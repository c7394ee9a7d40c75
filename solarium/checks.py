"""System checks of the project as a whole."""

from __future__ import annotations

import re
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
    """E001-E005, E020: links, blob paths, phone rules, the cache's address, who gets alerts."""
    problems: list[CheckMessage] = []
    parts = urlsplit(settings.PUBLIC_BASE_URL)
    if parts.scheme != "https" and not (
        parts.scheme == "http" and is_loopback(parts.hostname or "")
    ):
        problems.append(
            Error("PUBLIC_BASE_URL must begin with https://.", hint=HINT, id="solarium.E001")
        )
    if not re.fullmatch(r"[a-z0-9][a-z0-9\-]{0,30}", settings.SOLARIUM_ENV):
        problems.append(
            Error(
                "SOLARIUM_ENV may hold lower-case letters, digits and dashes only: it stands in "
                "blob paths.",
                hint=HINT,
                id="solarium.E002",
            )
        )
    if not all(part in settings.PASSWORD_RESET_URL for part in ("{uid}", "{token}")):
        problems.append(
            Error("PASSWORD_RESET_URL must hold {uid} and {token}.", hint=HINT, id="solarium.E003")
        )
    if not settings.PHONE_COUNTRIES:
        problems.append(Error("PHONE_COUNTRIES is empty.", hint=HINT, id="solarium.E004"))
    if not all(is_network(name) for name in settings.ADMIN_ALLOWED_NETWORKS):
        problems.append(
            Error(
                "ADMIN_ALLOWED_NETWORKS must name networks like 203.0.113.0/24 or 2001:db8::/48, "
                "IPv6 with at most 64 bits.",
                hint=HINT,
                id="solarium.E008",
            )
        )
    if settings.CACHE_URL and urlsplit(settings.CACHE_URL).scheme not in ("redis", "rediss"):
        problems.append(
            Error("CACHE_URL must begin with redis:// or rediss://.", hint=HINT, id="solarium.E005")
        )
    if not all(_is_address(address) for _, address in settings.ADMINS):
        problems.append(
            Error(
                "ALERT_EMAILS must be mail addresses with commas between.",
                hint=HINT,
                id="solarium.E020",
            )
        )
    return problems


def _is_address(value: str) -> bool:
    try:
        validate_email(value)
    except ValidationError:
        return False
    return True


@register("solarium", Tags.security, deploy=True)
def check_production(**kwargs: Any) -> list[CheckMessage]:
    """E006: nobody could be answered; W001: limits and breakers are per process without a shared
    cache; W002: hanging providers could take every thread."""
    problems: list[CheckMessage] = []
    if not settings.ALLOWED_HOSTS:
        problems.append(Error("DJANGO_ALLOWED_HOSTS is not set.", hint=HINT, id="solarium.E006"))
    if sum(settings.PROVIDER_SLOTS.values()) >= settings.SERVE_THREADS:
        problems.append(
            Warning(
                "MSG91_SLOTS, SENDGRID_SLOTS and AZURE_BLOB_SLOTS together leave none of the "
                "SERVE_THREADS free when all providers hang.",
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
