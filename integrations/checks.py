"""System checks: a wrong setting is found at boot, not by a customer.

What an option of a client may be, the client says itself as it is built (E001).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from integrations import conf
from integrations.errors import GatewayMisconfigured

HINT = "See the settings in the README of integrations."


@register("integrations")
def check_channels(**kwargs: Any) -> list[CheckMessage]:
    """E012: what must be set is not; E001: a channel that cannot be built; E003-E030: values that
    cannot work."""
    problems = [*_check_missing(), *_check_channels(), *_check_values()]
    for alias, client in _clients():
        for each in fields(client):
            url = getattr(client, each.name)
            if each.name.endswith("_url") and (url or each.default != ""):
                problems += _check_url(_name(alias, each), url)
    if url := conf.alert_webhook_url():
        problems += _check_url("ALERT_WEBHOOK_URL", url)
    return problems


def _error(text: str, *, id: str) -> CheckMessage:
    return Error(text, hint=HINT, id=id)


def _check_missing() -> Iterator[CheckMessage]:
    if not conf.channels():
        yield _error("INTEGRATIONS is not set: it names the providers.", id="integrations.E012")
    if not hasattr(settings, "FINGERPRINT_KEY"):
        text = "FINGERPRINT_KEY is not set: people are found by it in the audit rows."
        yield _error(text, id="integrations.E012")


def _check_channels() -> Iterator[CheckMessage]:
    for alias in conf.channels():
        if alias not in conf.CHANNELS:
            text = f"INTEGRATIONS[{alias!r}]: no such channel; known: {', '.join(conf.CHANNELS)}."
            yield _error(text, id="integrations.E001")
            continue
        try:
            client = conf.client(alias)
        except GatewayMisconfigured as err:
            yield _error(str(err), id="integrations.E001")
        else:
            if isinstance(client.keys, str):
                text = f"INTEGRATIONS[{alias!r}]: keys must be a list of keys, not one key."
                yield _error(text, id="integrations.E001")


def _clients() -> Iterator[tuple[str, Any]]:
    """Give out the channels that can be built, with their clients."""
    for alias in conf.channels():
        try:
            yield alias, conf.client(alias)
        except GatewayMisconfigured:
            continue  # E001 says so


def _is_required(option: Field[Any]) -> bool:
    return option.default is MISSING and option.default_factory is MISSING


def _name(alias: str, option: Field[Any]) -> str:
    """Return what people know an option by: where its client names one, the setting behind it."""
    return str(option.metadata.get("setting") or f"INTEGRATIONS[{alias!r}] {option.name}")


def _check_values() -> Iterator[CheckMessage]:
    guard = conf.guard()
    if (
        min(guard.connect_timeout_seconds, guard.attempt_timeout_seconds) <= 0
        or min(guard.retries, guard.retry_wait_seconds) < 0
    ):
        yield _error(
            "PROVIDER_CONNECT_TIMEOUT_SECONDS and PROVIDER_TIMEOUT_SECONDS must be greater than "
            "zero, PROVIDER_RETRIES and PROVIDER_RETRY_WAIT_SECONDS not negative.",
            id="integrations.E003",
        )
    if not 1 <= conf.storage_wishes().soft_delete_days <= 365:
        yield _error(
            "AZURE_SOFT_DELETE_DAYS must be between 1 and 365: Azure takes no other number.",
            id="integrations.E030",
        )
    for _, client in _clients():
        if conf.slots(client.provider) < 1:
            text = f"PROVIDER_SLOTS must be greater than zero for {client.provider}."
            yield _error(text, id="integrations.E007")


@register("integrations", Tags.database)
def check_transactions(**kwargs: Any) -> list[CheckMessage]:
    """E011: a transaction round every request would hold a connection during provider calls."""
    if any(database.get("ATOMIC_REQUESTS") for database in settings.DATABASES.values()):
        return [Error("ATOMIC_REQUESTS must be off.", hint=HINT, id="integrations.E011")]
    return []


@register("integrations", Tags.security, deploy=True)
def check_keys(**kwargs: Any) -> list[CheckMessage]:
    """E010: an option without which a provider cannot be asked is empty; each is named."""
    names = [
        _name(alias, each)
        for alias, client in _clients()
        for each in fields(client)
        if _is_required(each) and not _says_something(getattr(client, each.name))
    ]
    if not getattr(settings, "FINGERPRINT_KEY", "absent"):  # E012 says where it is absent
        names.append("FINGERPRINT_KEY")
    return [_error(f"{name} is not set.", id="integrations.E010") for name in names]


def _says_something(value: Any) -> bool:
    """Whether an option is not empty; a list of keys: whether one of them is."""
    return any(value) if isinstance(value, list | tuple) else bool(value)


def _check_url(name: str, value: str) -> list[CheckMessage]:
    parts = urlsplit(value)
    if parts.scheme == "https" and parts.hostname:
        return []
    if parts.scheme == "http" and is_loopback(parts.hostname or ""):
        return [Warning(f"{name} is http on this machine.", hint=HINT, id="integrations.W001")]
    return [Error(f"{name} must begin with https://.", hint=HINT, id="integrations.E004")]


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
