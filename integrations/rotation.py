"""Key rotation: stage, activate, retire; each safe to repeat, whole or not at all.

No provider is asked inside a transaction. `reencryption` does the same for the key that the
others are encrypted with.
"""

from __future__ import annotations

import binascii
import re
import secrets
from base64 import b64decode
from datetime import datetime, timedelta

from integrations import encryption, key_list, key_rows, keys, proofs, redact
from integrations.clients import azure_links
from integrations.key_rows import RotationRefused, State, Step
from integrations.models import ProviderKey

AZURE_CLOCK_SKEW = timedelta(minutes=15)
# How long what was made with the old key is still out: links, and codes of two minutes.
WAITS = {
    "azure_blob": azure_links.SAS_LIFETIME + AZURE_CLOCK_SKEW,
    keys.PEPPER: timedelta(minutes=2),
}
PEPPER_BYTES = 32

_FORMS = {
    "msg91": (re.compile(r"[!-~]{1,200}"), "an authkey is letters and digits without a space"),
    "sendgrid": (
        re.compile(r"SG\.[\w\-]+\.[\w\-]+", re.ASCII),
        "a key of SendGrid reads SG.<id>.<secret>",
    ),
    "azure_blob": (re.compile(r"[A-Za-z0-9+/]{8,200}={0,2}"), "give the bare account key"),
}
PROVIDERS = (*_FORMS, keys.PEPPER)


def stage(*, provider: str, key: str, now: datetime, dry_run: bool) -> Step:
    """
    Prove a new key and store it beside the one in use, which nothing changes about.

    A key that was staged before goes. The first stage also stores the environment's key as the
    one in use, so that it can be retired.

    Args:
        key: As it was given; spaces and line ends round it are dropped. Empty for the pepper,
            which is made here.

    Raises:
        RotationRefused: The key is no key, or its provider does not take it.
    """
    secret = secrets.token_hex(PEPPER_BYTES) if provider == keys.PEPPER else _clean(provider, key)
    fingerprint = redact.key_fingerprint(secret)
    in_environment = _environment(provider)
    with key_rows.alone(provider):
        rows = key_rows.rows(provider)
        in_use = rows[State.ACTIVE].fingerprint if State.ACTIVE in rows else ""
        if fingerprint == (in_use or redact.key_fingerprint(in_environment)):
            return Step(text=f"{provider}: {fingerprint} is in use already; nothing was changed.")
        ciphertext = encryption.encrypt(secret)  # what cannot be stored need not be proved
        warnings = _prove(provider, secret)
        if dry_run:
            return Step(text=f"{provider}: {fingerprint} would be staged.", warnings=warnings)
        with key_rows.changing(provider=provider, step="stage", fingerprint=fingerprint):
            if not in_use and in_environment:
                key_rows.adopt(
                    provider=provider,
                    fingerprint=redact.key_fingerprint(in_environment),
                    ciphertext=encryption.encrypt(in_environment),
                    now=now,
                )
            key_rows.stage(
                provider=provider, fingerprint=fingerprint, ciphertext=ciphertext, now=now
            )
    return Step(text=f"{provider}: {fingerprint} is staged.", warnings=warnings)


def activate(*, provider: str, now: datetime, dry_run: bool) -> Step:
    """
    Make the staged key the one in use; the old one is what calls fall back to.

    It is proved once more before. Nothing staged: nothing changes.

    Raises:
        RotationRefused: The provider does not take the key any more, or the key before the last
            one must not go yet.
    """
    with key_rows.alone(provider):
        rows = key_rows.rows(provider)
        staged = rows.get(State.STAGED)
        if staged is None:
            return Step(text=f"{provider}: nothing is staged; nothing was changed.")
        if State.PREVIOUS in rows:
            _refuse_too_early(rows, now=now)
        secret = encryption.decrypt(staged.ciphertext)
        if secret is None:
            raise RotationRefused(
                f"The staged key {staged.fingerprint} cannot be read with KEY_ENCRYPTION_KEYS; "
                "stage it again."
            )
        warnings = _prove(provider, secret)
        if dry_run:
            text = f"{provider}: {staged.fingerprint} would become the key in use."
            return Step(text=text, warnings=warnings)
        with key_rows.changing(provider=provider, step="activate", fingerprint=staged.fingerprint):
            key_rows.make_current(rows, now=now)
    return Step(
        text=f"{provider}: {staged.fingerprint} is in use; every process has it within 5 s.",
        warnings=warnings,
    )


def retire(*, provider: str, now: datetime, dry_run: bool) -> Step:
    """
    Drop the key before the one in use. None there: nothing changes.

    Raises:
        RotationRefused: What was made with it is still out.
    """
    with key_rows.alone(provider):
        rows = key_rows.rows(provider)
        previous = rows.get(State.PREVIOUS)
        if previous is None:
            return Step(text=f"{provider}: there is no old key; nothing was changed.")
        _refuse_too_early(rows, now=now)
        if dry_run:
            return Step(text=f"{provider}: {previous.fingerprint} would be dropped.")
        previous.last_used_at = key_list.last_used(previous)
        with key_rows.changing(provider=provider, step="retire", fingerprint=previous.fingerprint):
            key_rows.drop(previous, now=now)
    return Step(text=f"{provider}: {previous.fingerprint} is dropped; after 5 s no process has it.")


def _clean(provider: str, key: str) -> str:
    text = key.strip()
    if not text:
        raise RotationRefused("The new key is empty; nothing was changed.")
    form, hint = _FORMS[provider]
    if not form.fullmatch(text) or (provider == "azure_blob" and not _is_base64(text)):
        raise RotationRefused(f"This is no key of {proofs.NAMES[provider]}: {hint}.")
    return text


def _environment(provider: str) -> str:
    """Return the newest key of the environment; empty where none is set."""
    held = key_list.environment(provider)
    if provider == "azure_blob" and not held:
        raise RotationRefused(f"{provider} is used by a managed identity: there is no key.")
    return held[0] if held else ""


def _is_base64(text: str) -> bool:
    try:
        return bool(b64decode(text, validate=True))
    except binascii.Error:
        return False


def _prove(provider: str, secret: str) -> tuple[str, ...]:
    """Return what the provider told beside its yes."""
    if provider == keys.PEPPER:
        return ()
    try:
        return proofs.prove(provider=provider, key=secret).warnings
    except (proofs.KeyRefused, proofs.NotProved) as err:
        raise RotationRefused(f"{err} Nothing was changed.") from None


def _refuse_too_early(rows: dict[str, ProviderKey], *, now: datetime) -> None:
    """Raise while something made with the previous key may still be out."""
    previous, active = rows[State.PREVIOUS], rows.get(State.ACTIVE)
    wait = WAITS.get(previous.provider)
    if wait is None or active is None or active.activated_at is None:
        return
    allowed_at = active.activated_at + wait
    if now < allowed_at:
        raise RotationRefused(
            f"{previous.provider}: the old key {previous.fingerprint} is still needed until "
            f"{allowed_at:%Y-%m-%d %H:%M:%S} UTC; nothing was changed."
        )
