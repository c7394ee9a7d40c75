"""Switches: ops take a provider out of use, with a text for users, and bring it back.

What is off stands in the database. Each process reads it at most every few seconds, so that no
request pays for it.
"""

from __future__ import annotations

import threading
import time
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.utils import timezone

from integrations import conf
from integrations.errors import GatewaySwitchedOff
from integrations.models import SWITCH_TEXT_LENGTH, ProviderSwitch
from integrations.signals import ops_action

REFRESH_SECONDS = 3  # a switch takes effect in every process within 5 s


def check(*, provider: str, operation: str) -> None:
    """
    Raises:
        GatewaySwitchedOff: Ops switched the provider off; its ``message`` is their text.
    """
    text = switched_off_text(provider=provider)
    if text is not None:
        raise GatewaySwitchedOff(provider=provider, operation=operation, message=text)


def switched_off_text(*, provider: str) -> str | None:
    """Return the text for users while the provider is switched off; None while it is on."""
    return _known.texts_by_provider().get(provider)


def switch_off(*, provider: str, text: str, by: str, actor_id: UUID | None) -> None:
    """
    Take a provider out of use; once more changes the text.

    Args:
        text: What users are told, as it is; one line.
        by: The name of who does it, for the admin.
        actor_id: The account that acts, for the security events.

    Raises:
        ValueError: There is no such provider, or the text is empty, too long or not one line; the
            message may be shown.
    """
    _refuse_unknown(provider)
    text = text.strip()
    if not text:
        raise ValueError("Users must be told something: the text is empty.")
    if len(text) > SWITCH_TEXT_LENGTH:
        raise ValueError(f"The text may have at most {SWITCH_TEXT_LENGTH} characters.")
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in text):
        raise ValueError("The text must be one line without control characters.")
    ProviderSwitch.objects.update_or_create(
        provider=provider,
        defaults={
            "text": text,
            "switched_off_at": timezone.now(),
            "switched_off_by": by[: ProviderSwitch.switched_off_by.field.max_length],
        },
    )
    _known.read()
    ops_action.send(
        sender=None, kind="provider_switched", detail=f"{provider} off: {text}", actor_id=actor_id
    )


def switch_on(*, provider: str, actor_id: UUID | None) -> None:
    """
    Bring a provider back; one that is on stays on.

    Raises:
        ValueError: There is no such provider.
    """
    _refuse_unknown(provider)
    deleted, _ = ProviderSwitch.objects.filter(provider=provider).delete()
    _known.read()
    if deleted:
        ops_action.send(
            sender=None, kind="provider_switched", detail=f"{provider} on", actor_id=actor_id
        )


def _refuse_unknown(provider: str) -> None:
    if provider not in conf.providers():
        names = ", ".join(conf.providers())
        raise ValueError(f"There is no provider of this name; there are {names}.")


@dataclass
class _Known:
    """What this process knows, and until when it asks nobody."""

    texts: Mapping[str, str] = field(default_factory=dict)
    fresh_until: float = 0.0
    reading: threading.Lock = field(default_factory=threading.Lock)

    def texts_by_provider(self) -> Mapping[str, str]:
        # While one thread reads, the others go by what was known a moment ago.
        if time.monotonic() >= self.fresh_until and self.reading.acquire(blocking=False):
            try:
                self.read()
            finally:
                self.reading.release()
        return self.texts

    def read(self) -> None:
        self.texts = dict(ProviderSwitch.objects.values_list("provider", "text"))
        self.fresh_until = time.monotonic() + REFRESH_SECONDS


_known = _Known()


def reset() -> None:
    """Take every provider for on until the next reading; for tests."""
    _known.texts = {}
    _known.fresh_until = time.monotonic() + REFRESH_SECONDS
