"""The keys as ops may see them: fingerprints, states, ages, last use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from integrations import conf, keys, redact
from integrations.models import GatewayCall, ProviderKey

ENCRYPTION = "encryption"

_State = ProviderKey.State
_Source = ProviderKey.Source
_SHOWN = (*keys.ORDER, _State.RETIRED.value)


@dataclass(frozen=True, kw_only=True)
class KeyFacts:
    """One key. Times are None where nothing is known of them."""

    fingerprint: str
    state: str
    source: str
    created_at: datetime | None
    activated_at: datetime | None
    last_used_at: datetime | None


def list_keys(*, provider: str) -> list[KeyFacts]:
    """Return a provider's keys, the one in use first.

    Where none was ever stored, the environment's are those in use.
    """
    rows = sorted(
        ProviderKey.objects.filter(provider=provider),
        key=lambda row: (_SHOWN.index(row.state), -row.created_at.timestamp()),
    )
    facts = [
        KeyFacts(
            fingerprint=row.fingerprint,
            state=row.state,
            source=row.source,
            created_at=row.created_at,
            activated_at=row.activated_at,
            last_used_at=row.last_used_at if row.state == _State.RETIRED else last_used(row),
        )
        for row in rows
    ]
    if any(row.state == _State.ACTIVE for row in rows):
        return facts
    return [*_of_environment(provider), *facts]


def environment(provider: str) -> tuple[str, ...]:
    """Return the keys that the environment holds, newest first; none for a managed identity."""
    if provider == keys.PEPPER:
        held = tuple(conf.peppers())
    elif provider == ENCRYPTION:
        held = tuple(conf.encryption_keys())
    else:
        held = tuple(conf.client_of(provider).keys)
    return tuple(key for key in held if key)


def last_used(row: ProviderKey) -> datetime | None:
    """Return when a key was last used: as the processes note it, or by the audit of calls."""
    calls = GatewayCall.objects.filter(provider=row.provider, key_fingerprint=row.fingerprint)
    if row.source == _Source.ROTATION:
        calls = calls.filter(started_at__gte=row.created_at)
    last = calls.order_by("-started_at").values_list("started_at", flat=True).first()
    return max((each for each in (row.last_used_at, last) if each), default=None)


def _of_environment(provider: str) -> list[KeyFacts]:
    facts = []
    for number, key in enumerate(environment(provider)):
        fingerprint = redact.key_fingerprint(key)
        unsaved = ProviderKey(
            provider=provider, fingerprint=fingerprint, source=_Source.ENVIRONMENT
        )
        facts.append(
            KeyFacts(
                fingerprint=fingerprint,
                state=_State.PREVIOUS.value if number else _State.ACTIVE.value,
                source=_Source.ENVIRONMENT.value,
                created_at=None,
                activated_at=None,
                last_used_at=last_used(unsaved),
            )
        )
    return facts
