"""The only reader of the app's settings: late, typed, so that ``override_settings`` works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.utils.module_loading import import_string

from integrations.errors import GatewayMisconfigured


@dataclass(frozen=True, kw_only=True)
class Guard:
    """The numbers of the guarded path (specification, section 3)."""

    connect_timeout_seconds: float
    attempt_timeout_seconds: float
    retries: int
    retry_wait_seconds: float
    breaker_failures: int
    breaker_window_seconds: int
    breaker_open_seconds: int
    slot_wait_seconds: float


def guard() -> Guard:
    """Return the limits that every call takes."""
    return Guard(
        connect_timeout_seconds=settings.PROVIDER_CONNECT_TIMEOUT_SECONDS,
        attempt_timeout_seconds=settings.PROVIDER_TIMEOUT_SECONDS,
        retries=settings.PROVIDER_RETRIES,
        retry_wait_seconds=settings.PROVIDER_RETRY_WAIT_SECONDS,
        breaker_failures=settings.BREAKER_FAILURES,
        breaker_window_seconds=settings.BREAKER_WINDOW_SECONDS,
        breaker_open_seconds=settings.BREAKER_OPEN_SECONDS,
        slot_wait_seconds=settings.SLOT_WAIT_SECONDS,
    )


def providers() -> list[str]:
    """Return the names of the providers, in the order in which they are shown."""
    return list(settings.PROVIDER_SLOTS)


def turns() -> int:
    """Return how many threads of one process may work at once."""
    return int(settings.WORKING_THREADS)


def slots(provider: str) -> int:
    """Return how many calls to a provider one process may have under way."""
    return int(settings.PROVIDER_SLOTS[provider])


def alert_failures_per_minute() -> int:
    """Return how many calls of a provider may fail in a sliding minute without an alert."""
    return int(settings.ALERT_FAILURES_PER_MINUTE)


def alert_webhook_url() -> str:
    """Return where alerts are posted, a secret; empty for nowhere."""
    return str(settings.ALERT_WEBHOOK_URL)


def options(alias: str) -> Mapping[str, Any]:
    """Return the ``OPTIONS`` of a channel: ``"sms"``, ``"email"`` or ``"blob"``."""
    try:
        return cast("Mapping[str, Any]", settings.INTEGRATIONS[alias]["OPTIONS"])
    except KeyError as err:
        raise GatewayMisconfigured(f"INTEGRATIONS has no channel {alias!r}.") from err


def has_channel(alias: str) -> bool:
    """Whether a channel is set: ``"sms_fallback"`` is where there is a second route."""
    return alias in settings.INTEGRATIONS


def client(alias: str) -> Any:
    """Build the channel's client from its options.

    Raises:
        GatewayMisconfigured: An option is missing, or one that the client does not know.
    """
    backend = import_string(str(settings.INTEGRATIONS[alias]["BACKEND"]))
    try:
        return backend(**options(alias))
    except TypeError as err:
        known = ", ".join(backend.__dataclass_fields__)
        raise GatewayMisconfigured(f"INTEGRATIONS[{alias!r}]: {err}; known: {known}.") from err


def client_of(provider: str) -> Any:
    """Build the client of a provider, whichever channel it serves.

    Raises:
        GatewayMisconfigured: No channel uses this provider, or its options are wrong.
    """
    for alias in settings.INTEGRATIONS:
        if import_string(str(settings.INTEGRATIONS[alias]["BACKEND"])).provider == provider:
            return client(alias)
    raise GatewayMisconfigured(f"No channel of INTEGRATIONS uses {provider}.")


def peppers() -> list[str]:
    """Return the environment's peppers of code digests, newest first."""
    return list(settings.OTP_PEPPERS)


@dataclass(frozen=True, kw_only=True)
class StorageWishes:
    """How the storage account should be set up."""

    origins: tuple[str, ...]
    soft_delete_days: int


def storage_wishes() -> StorageWishes:
    """Return from where browsers may come, and how long deleted blobs are kept."""
    return StorageWishes(
        origins=tuple(settings.CORS_ALLOWED_ORIGINS),
        soft_delete_days=int(settings.AZURE_SOFT_DELETE_DAYS),
    )


def encryption_keys() -> list[str]:
    """Return the Fernet keys of stored provider keys, newest first."""
    return list(settings.KEY_ENCRYPTION_KEYS)


def msg91_webhook_tokens() -> list[str]:
    """Return what may end the path of MSG91's reports, newest first; empty: nothing may."""
    return list(settings.MSG91_WEBHOOK_TOKEN)


def sendgrid_webhook_key() -> str:
    """Return the public key of SendGrid's reports: base64 of DER; empty: none are taken."""
    return str(settings.SENDGRID_WEBHOOK_PUBLIC_KEY)
