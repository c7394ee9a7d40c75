"""The table of stored keys as rotations change it: one at a time, step by step, recorded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import Error as DatabaseFailure
from django.db import connection, transaction

from integrations import keys
from integrations.models import ProviderKey
from integrations.signals import ops_action

_LOCK_CLASS = 0x6B657973  # names our advisory locks among those of others ("keys")

State = ProviderKey.State


class RotationRefused(Exception):
    """A step that must not be done; the text is a sentence for ops and holds no key."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """What a step did or, in a dry run, would do.

    ``secret``: an encryption key, to be shown this once; empty otherwise.
    """

    text: str
    warnings: tuple[str, ...] = ()
    secret: str = field(default="", repr=False)


@contextmanager
def alone(provider: str) -> Iterator[None]:
    """Keep other rotations of a provider out, in all processes.

    PostgreSQL drops the lock with the session, so a killed command leaves none behind. On SQLite
    the transaction that `changing` opens is lock enough.

    Raises:
        RotationRefused: Another one is under way.
    """
    if connection.vendor != "postgresql":
        yield
        return
    lock = (_LOCK_CLASS, provider)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", lock)
        if not cursor.fetchone()[0]:
            raise RotationRefused(
                f"Another rotation of {provider} is under way; nothing was changed."
            )
    try:
        yield
    finally:
        with suppress(DatabaseFailure), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", lock)


@contextmanager
def changing(*, provider: str, step: str, fingerprint: str) -> Iterator[None]:
    """Give one transaction: all of a step and its record are kept, or nothing."""
    with transaction.atomic():
        yield
        ops_action.send(
            sender=ProviderKey,
            kind="key_rotation",
            detail=f"{provider} {step} {fingerprint}",
            actor_id=None,
        )
    keys.forget()


def rows(provider: str) -> dict[str, ProviderKey]:
    """Return a provider's keys that are not retired, by state."""
    found = ProviderKey.objects.filter(provider=provider).exclude(state=State.RETIRED)
    return {row.state: row for row in found}


def adopt(*, provider: str, fingerprint: str, ciphertext: str, now: datetime) -> None:
    """Store the key that the environment holds as the one in use."""
    ProviderKey.objects.create(
        provider=provider,
        ciphertext=ciphertext,
        fingerprint=fingerprint,
        state=State.ACTIVE,
        source=ProviderKey.Source.ENVIRONMENT,
        created_at=now,
        activated_at=now,
    )


def stage(*, provider: str, fingerprint: str, ciphertext: str, now: datetime) -> None:
    """Store a new key; it takes the place of the one that was staged."""
    ProviderKey.objects.filter(provider=provider, state=State.STAGED).delete()
    ProviderKey.objects.create(
        provider=provider,
        ciphertext=ciphertext,
        fingerprint=fingerprint,
        state=State.STAGED,
        source=ProviderKey.Source.ROTATION,
        created_at=now,
    )


def make_current(found: dict[str, ProviderKey], *, now: datetime) -> None:
    """Let the staged key take over; the active one steps back, the previous one goes.

    Raises:
        RotationRefused: A row changed since it was read.
    """
    if State.PREVIOUS in found:
        drop(found[State.PREVIOUS], now=now)
    if State.ACTIVE in found:
        _move(found[State.ACTIVE], state=State.PREVIOUS)
    _move(found[State.STAGED], state=State.ACTIVE, activated_at=now)


def drop(row: ProviderKey, *, now: datetime) -> None:
    """Retire a key: its secret is gone, its fingerprint and times stay.

    Raises:
        RotationRefused: The row changed since it was read.
    """
    _move(row, state=State.RETIRED, ciphertext="", retired_at=now, last_used_at=row.last_used_at)


def _move(row: ProviderKey, *, state: ProviderKey.State, **changes: Any) -> None:
    """Change a row only while it is as it was read."""
    same = ProviderKey.objects.filter(pk=row.pk, state=row.state)
    if not same.update(state=state, **changes):
        raise RotationRefused(
            f"The keys of {row.provider} changed meanwhile; nothing was changed here. Try again."
        )
