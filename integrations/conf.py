"""The reader of the app's settings: late, typed, so that ``override_settings`` works.

What a project does not set is in `integrations.defaults`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.utils.module_loading import import_string

from integrations import defaults
from integrations.errors import GatewayMisconfigured

CHANNELS = ("sms", "sms_fallback", "email", "blob")


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


def _read(name: str) -> Any:
    return getattr(settings, name, getattr(defaults, name))


def guard() -> Guard:
    """Return the limits that every call takes."""
    return Guard(
        connect_timeout_seconds=_read("PROVIDER_CONNECT_TIMEOUT_SECONDS"),
        attempt_timeout_seconds=_read("PROVIDER_TIMEOUT_SECONDS"),
        retries=_read("PROVIDER_RETRIES"),
        retry_wait_seconds=_read("PROVIDER_RETRY_WAIT_SECONDS"),
        breaker_failures=_read("BREAKER_FAILURES"),
        breaker_window_seconds=_read("BREAKER_WINDOW_SECONDS"),
        breaker_open_seconds=_read("BREAKER_OPEN_SECONDS"),
        slot_wait_seconds=_read("SLOT_WAIT_SECONDS"),
    )


def channels() -> Mapping[str, Any]:
    """Return ``INTEGRATIONS``: by channel its ``BACKEND`` and ``OPTIONS``."""
    return cast("Mapping[str, Any]", _read("INTEGRATIONS"))


def has_channel(alias: str) -> bool:
    """Whether a channel is set: ``"sms_fallback"`` is where there is a second route."""
    return alias in channels()


def providers() -> list[str]:
    """Return the names of the channels' providers, in the order in which they are shown."""
    found = (str(_backend(alias).provider) for alias in channels())
    return list(dict.fromkeys(found))


def turns() -> int:
    """Return how many threads of one process may work at once."""
    return int(_read("WORKING_THREADS"))


def slots(provider: str) -> int:
    """Return how many calls to a provider one process may have under way."""
    return int(_read("PROVIDER_SLOTS").get(provider, defaults.SLOTS_PER_PROVIDER))


def alert_failures_per_minute() -> int:
    """Return how many calls of a provider may fail in a sliding minute without an alert."""
    return int(_read("ALERT_FAILURES_PER_MINUTE"))


def alert_webhook_url() -> str:
    """Return where alerts are posted, a secret; empty for nowhere."""
    return str(_read("ALERT_WEBHOOK_URL"))


def client(alias: str) -> Any:
    """Build the client of a channel, one of `CHANNELS`, from its options.

    Raises:
        GatewayMisconfigured: The channel is not set; an option is missing, is one that the client
            does not know, or cannot work.
    """
    backend = _backend(alias)
    try:
        return backend(**channels()[alias].get("OPTIONS", {}))
    except TypeError as err:
        known = ", ".join(backend.__dataclass_fields__)
        raise GatewayMisconfigured(f"INTEGRATIONS[{alias!r}]: {err}; known: {known}.") from err
    except GatewayMisconfigured as err:
        raise GatewayMisconfigured(f"INTEGRATIONS[{alias!r}]: {err}") from err


def client_of(provider: str) -> Any:
    """Build the client of a provider, whichever channel it serves.

    Raises:
        GatewayMisconfigured: No channel uses this provider, or its options are wrong.
    """
    for alias in channels():
        if _backend(alias).provider == provider:
            return client(alias)
    raise GatewayMisconfigured(f"No channel of INTEGRATIONS uses {provider}.")


def _backend(alias: str) -> Any:
    if not has_channel(alias):
        raise GatewayMisconfigured(f"INTEGRATIONS has no channel {alias!r}.")
    try:
        return import_string(str(channels()[alias]["BACKEND"]))
    except (KeyError, ImportError) as err:
        text = "there is no BACKEND" if isinstance(err, KeyError) else str(err)
        raise GatewayMisconfigured(f"INTEGRATIONS[{alias!r}]: {text}.") from err


def peppers() -> list[str]:
    """Return the environment's peppers of code digests, newest first."""
    return list(_read("OTP_PEPPERS"))


@dataclass(frozen=True, kw_only=True)
class StorageWishes:
    """How the storage account should be set up."""

    origins: tuple[str, ...]
    soft_delete_days: int


def storage_wishes() -> StorageWishes:
    """Return from where browsers may come, and how long deleted blobs are kept."""
    return StorageWishes(
        origins=tuple(_read("CORS_ALLOWED_ORIGINS")),
        soft_delete_days=int(_read("AZURE_SOFT_DELETE_DAYS")),
    )


def encryption_keys() -> list[str]:
    """Return the Fernet keys of stored provider keys, newest first."""
    return list(_read("KEY_ENCRYPTION_KEYS"))


def msg91_webhook_tokens() -> list[str]:
    """Return what may end the path of MSG91's reports, newest first; empty: nothing may."""
    return list(_read("MSG91_WEBHOOK_TOKEN"))


def sendgrid_webhook_key() -> str:
    """Return the public key of SendGrid's reports: base64 of DER; empty: none are taken."""
    return str(_read("SENDGRID_WEBHOOK_PUBLIC_KEY"))
