"""The keyring: which key a client asks with, and which one it falls back to.

Stored keys win over the environment's. Each process reads them in one statement and keeps them for
a few seconds, so that a rotation reaches all processes without a restart and no request pays for
it. When the database does not answer, the last known keys go on, else the environment's.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Protocol

from django.db import Error as DatabaseFailure
from django.db.models import Q
from django.utils import timezone

from integrations import conf, encryption, redact
from integrations.errors import GatewayMisconfigured
from integrations.models import ProviderKey

logger = logging.getLogger(__name__)

PEPPER = "otp_pepper"
RELOAD_SECONDS = 3.0  # one thread reads anew, the others go on with what is known
STALE_SECONDS = 5.0  # what is older is used by nobody: all wait for the one that reads
USE_NOTED_SECONDS = 60.0  # how often a process writes down which keys it used

_State = ProviderKey.State
# In which order a provider is asked with the keys that are stored.
ORDER = (_State.ACTIVE.value, _State.PREVIOUS.value, _State.STAGED.value)


@dataclass(frozen=True, kw_only=True)
class _Stored:
    """What the table said: secrets by provider and state, fingerprints of retired peppers."""

    read_at: float
    secrets: Mapping[tuple[str, str], str] = field(repr=False, default_factory=dict)
    retired_peppers: frozenset[str] = frozenset()

    def usable(self, provider: str) -> tuple[str, ...]:
        """Return the active key and one to fall back to: the previous, else the staged one."""
        found = (self.secrets.get((provider, each)) for each in ORDER)
        return tuple(secret for secret in found if secret is not None)[:2]


_reading = threading.Lock()
_stored: _Stored | None = None
_used: set[tuple[str, str]] = set()  # provider and fingerprint, since they were last written down
_used_written_at = 0.0


class KeyHolder(Protocol):
    """A client, as far as its keys go: ``keys`` are the environment's, newest first."""

    @property
    def provider(self) -> str: ...

    @property
    def keys(self) -> tuple[str, ...]: ...


def usable(client: KeyHolder) -> tuple[str, ...]:
    """Return the key to ask a provider with, and behind it the one to fall back to, if any.

    Empty for a client that needs no key.
    """
    if not client.keys:
        return ()
    stored = _known()
    found = stored.usable(client.provider)
    if (client.provider, _State.ACTIVE.value) not in stored.secrets:
        found = (*client.keys, *found)[:2]
    _note_use(client.provider, found[0])
    return found


def peppers(*, reread: bool = False) -> list[str]:
    """Return the peppers of code digests, the one for new digests first.

    Args:
        reread: Look for new ones at once: a digest was met whose pepper is not among them.
    """
    stored = _read_again() if reread else _known()
    found = [*stored.usable(PEPPER)]
    environment = [
        pepper
        for pepper in conf.peppers()
        if pepper not in found and redact.key_fingerprint(pepper) not in stored.retired_peppers
    ]
    if (PEPPER, _State.ACTIVE.value) in stored.secrets:
        found += environment
    else:
        found = [*environment, *found]
    if found:
        _note_use(PEPPER, found[0])
    return found


def forget() -> None:
    """Read the table before the keys are used again; after a change of it in this process."""
    global _stored  # noqa: PLW0603  (one keyring a process)
    _stored = None


def assume_nothing_stored() -> None:
    """Take the table for empty and just read; for tests."""
    global _stored, _used_written_at  # noqa: PLW0603  (one keyring a process)
    _stored = _Stored(read_at=time.monotonic())
    _used_written_at = 0.0
    _used.clear()


def _known() -> _Stored:
    stored = _stored
    age = time.monotonic() - stored.read_at if stored else STALE_SECONDS
    if stored is not None and age < RELOAD_SECONDS:
        return stored
    if stored is not None and age < STALE_SECONDS and _reading.locked():
        return stored
    with _reading:
        return _read(newer_than=stored)


def _read_again() -> _Stored:
    with _reading:
        return _read(newer_than=_stored)


def _read(*, newer_than: _Stored | None) -> _Stored:
    """Read the table, unless another thread did so while this one waited for the lock."""
    global _stored  # noqa: PLW0603  (one keyring a process)
    if _stored is not None and _stored is not newer_than:
        return _stored
    before = _stored or _Stored(read_at=0)
    started = time.monotonic()
    try:
        rows = list(
            ProviderKey.objects.filter(~Q(state=_State.RETIRED) | Q(provider=PEPPER)).values_list(
                "provider", "state", "fingerprint", "ciphertext"
            )
        )
    except DatabaseFailure:
        logger.warning("stored keys cannot be read; going on with those known")
        _stored = replace(before, read_at=time.monotonic())
        return _stored
    _stored = _Stored(
        read_at=started,
        secrets=_decrypt(rows, before),
        retired_peppers=frozenset(
            fingerprint for _, state, fingerprint, _ in rows if state == _State.RETIRED
        ),
    )
    _write_uses({(provider, fingerprint) for provider, _, fingerprint, _ in rows})
    return _stored


def _decrypt(
    rows: Sequence[tuple[str, str, str, str]], before: _Stored
) -> dict[tuple[str, str], str]:
    """Return the secrets that can be read.

    A process that has not got the newest encryption key yet knows most of them from before.
    """
    known = {redact.key_fingerprint(secret): secret for secret in before.secrets.values()}
    secrets: dict[tuple[str, str], str] = {}
    for provider, state, fingerprint, ciphertext in rows:
        if not ciphertext:
            continue
        try:
            secret = known.get(fingerprint) or encryption.decrypt(ciphertext)
        except GatewayMisconfigured:
            secret = None
        if secret is None:
            logger.error(
                "stored key cannot be decrypted",
                extra={"provider": provider, "key_fingerprint": fingerprint},
            )
        else:
            secrets[provider, state] = secret
    return secrets


def _note_use(provider: str, secret: str) -> None:
    _used.add((provider, redact.key_fingerprint(secret)))


def _write_uses(stored: set[tuple[str, str]]) -> None:
    """Write down which stored keys this process used; at most once a minute, beside a read."""
    global _used_written_at  # noqa: PLW0603  (one clock a process)
    used = stored & _used
    if not used or time.monotonic() - _used_written_at < USE_NOTED_SECONDS:
        return
    _used_written_at = time.monotonic()
    _used.clear()
    which = Q()
    for provider, fingerprint in used:
        which |= Q(provider=provider, fingerprint=fingerprint)
    with suppress(DatabaseFailure):  # a read-only database changes nothing about the keys
        ProviderKey.objects.filter(which).update(last_used_at=timezone.now())
