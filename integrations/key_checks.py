"""System checks of keys: what they are encrypted with, and how old they are (S62)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import Error as DatabaseFailure
from django.utils import timezone

from integrations import conf, encryption, key_list, keys, redact
from integrations.checks import HINT
from integrations.errors import GatewayMisconfigured
from integrations.models import ProviderKey

_MOST_AGE = timedelta(days=90)
_MOST_PEPPER_AGE = timedelta(days=180)


def most_age(provider: str) -> timedelta:
    """Return how old a key in use may become (S62)."""
    return _MOST_PEPPER_AGE if provider == keys.PEPPER else _MOST_AGE


@register("integrations")
def check_encryption_keys(**kwargs: Any) -> list[CheckMessage]:
    """E020: one of ``KEY_ENCRYPTION_KEYS`` is no Fernet key."""
    if all(encryption.is_key(key) for key in conf.encryption_keys()):
        return []
    return [
        Error(
            "KEY_ENCRYPTION_KEYS must hold Fernet keys: 32 bytes in URL-safe base64 each.",
            hint=HINT,
            id="integrations.E020",
        )
    ]


@register("integrations", Tags.security, deploy=True)
def check_stored_keys(**kwargs: Any) -> list[CheckMessage]:
    """E021: a stored key in use that cannot be read; W020: one that is too old; W021: the
    environment holds another one.

    Without the database nothing is known, and nothing said.
    """
    try:
        rows = list(ProviderKey.objects.filter(state=ProviderKey.State.ACTIVE))
    except DatabaseFailure:
        return []
    return [problem for row in rows for problem in _check_active(row)]


def _is_readable(row: ProviderKey) -> bool:
    try:
        return encryption.decrypt(row.ciphertext) is not None
    except GatewayMisconfigured:
        return False


def _check_active(row: ProviderKey) -> list[CheckMessage]:
    problems: list[CheckMessage] = []
    if row.ciphertext and not _is_readable(row):
        problems.append(
            Error(
                f"The stored key {row.fingerprint} of {row.provider} cannot be read with "
                "KEY_ENCRYPTION_KEYS.",
                hint=HINT,
                id="integrations.E021",
            )
        )
    most = most_age(row.provider)
    age = timezone.now() - row.created_at
    if age > most:
        problems.append(
            Warning(
                f"The key {row.fingerprint} of {row.provider} is {age.days} days old; change it "
                f"every {most.days} days (manage.py rotate_key).",
                hint=HINT,
                id="integrations.W020",
            )
        )
    if row.provider == keys.PEPPER:  # its key is shown to nobody, and useless without the database
        return problems
    held = [redact.key_fingerprint(key) for key in key_list.environment(row.provider)]
    if held and row.fingerprint not in held:
        problems.append(
            Warning(
                f"{row.provider}: the environment holds another key than the stored one in use "
                f"({row.fingerprint}), which wins; bring the environment up to date.",
                hint=HINT,
                id="integrations.W021",
            )
        )
    return problems
