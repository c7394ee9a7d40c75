"""Rotation of the key that stored keys are encrypted with.

The key itself lives in ``KEY_ENCRYPTION_KEYS`` only; the table remembers its fingerprint.
"""

from __future__ import annotations

from datetime import datetime

from integrations import conf, encryption, key_rows, redact
from integrations.key_list import ENCRYPTION as PROVIDER
from integrations.key_rows import RotationRefused, State, Step
from integrations.models import ProviderKey


def stage(*, now: datetime, dry_run: bool) -> Step:
    """Make a key, to be put first in ``KEY_ENCRYPTION_KEYS``; it is shown this once.

    Raises:
        RotationRefused: ``KEY_ENCRYPTION_KEYS`` is not usable as it is.
    """
    newest = _fingerprints()[0]
    if dry_run:
        return Step(text=f"{PROVIDER}: a new key would be made and shown.")
    key = encryption.new_key()
    fingerprint = redact.key_fingerprint(key)
    with (
        key_rows.alone(PROVIDER),
        key_rows.changing(provider=PROVIDER, step="stage", fingerprint=fingerprint),
    ):
        if State.ACTIVE not in key_rows.rows(PROVIDER):
            key_rows.adopt(provider=PROVIDER, fingerprint=newest, ciphertext="", now=now)
        key_rows.stage(provider=PROVIDER, fingerprint=fingerprint, ciphertext="", now=now)
    return Step(
        text=(
            f"{PROVIDER}: {fingerprint} is staged. Put it first in KEY_ENCRYPTION_KEYS of every "
            "server, restart them, then activate."
        ),
        secret=key,
    )


def activate(*, now: datetime, dry_run: bool) -> Step:
    """Encrypt all stored keys anew with the first of ``KEY_ENCRYPTION_KEYS``.

    Raises:
        RotationRefused: The staged key does not stand first there, or a stored key is unreadable.
    """
    newest = _fingerprints()[0]
    with key_rows.alone(PROVIDER):
        found = key_rows.rows(PROVIDER)
        staged = found.get(State.STAGED)
        if staged is not None and staged.fingerprint != newest:
            raise RotationRefused(
                f"The staged key {staged.fingerprint} does not stand first in KEY_ENCRYPTION_KEYS; "
                "nothing was changed."
            )
        older = _older()
        if staged is None and not older:
            return Step(text=f"{PROVIDER}: nothing is staged; nothing was changed.")
        if dry_run:
            return Step(text=f"{PROVIDER}: {len(older)} stored keys would be encrypted anew.")
        with key_rows.changing(provider=PROVIDER, step="activate", fingerprint=newest):
            for row in older:
                _encrypt_anew(row)
            if staged is not None:
                key_rows.make_current(found, now=now)
    return Step(text=f"{PROVIDER}: {len(older)} stored keys are encrypted with {newest}.")


def retire(*, now: datetime, dry_run: bool) -> Step:
    """Confirm that nothing needs the old key any more.

    Raises:
        RotationRefused: A stored key does.
    """
    _fingerprints()
    with key_rows.alone(PROVIDER):
        previous = key_rows.rows(PROVIDER).get(State.PREVIOUS)
        needing = _older()
        if needing:
            raise RotationRefused(
                f"{len(needing)} stored keys still need an older key than the first of "
                "KEY_ENCRYPTION_KEYS; run activate first. Nothing was changed."
            )
        if previous is None:
            return Step(text=f"{PROVIDER}: there is no old key; nothing was changed.")
        if dry_run:
            return Step(text=f"{PROVIDER}: {previous.fingerprint} would be dropped.")
        with key_rows.changing(provider=PROVIDER, step="retire", fingerprint=previous.fingerprint):
            key_rows.drop(previous, now=now)
    return Step(text=f"{PROVIDER}: take {previous.fingerprint} out of KEY_ENCRYPTION_KEYS.")


def _fingerprints() -> list[str]:
    """Return those of ``KEY_ENCRYPTION_KEYS``, newest first."""
    held = conf.encryption_keys()
    if not held:
        raise RotationRefused("KEY_ENCRYPTION_KEYS is not set.")
    if not all(encryption.is_key(key) for key in held):
        raise RotationRefused("KEY_ENCRYPTION_KEYS holds what is no Fernet key.")
    return [redact.key_fingerprint(key) for key in held]


def _older() -> list[ProviderKey]:
    """Return the stored keys that the newest encryption key does not read."""
    stored = ProviderKey.objects.exclude(ciphertext="")
    return [row for row in stored if encryption.needs_older_key(row.ciphertext)]


def _encrypt_anew(row: ProviderKey) -> None:
    ciphertext = encryption.reencrypt(row.ciphertext)
    if ciphertext is None:
        raise RotationRefused(
            f"The key {row.fingerprint} of {row.provider} cannot be read with KEY_ENCRYPTION_KEYS; "
            "nothing was changed."
        )
    # One that was dropped meanwhile stays dropped.
    same = ProviderKey.objects.filter(pk=row.pk, ciphertext=row.ciphertext)
    same.update(ciphertext=ciphertext)
