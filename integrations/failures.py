"""How the providers do: failures of the last minute and the last error, over all processes.

The audit rows say it: they are shared by all processes and survive the cache.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from integrations import breaker, switches
from integrations.models import GatewayCall, Outcome

WINDOW = timedelta(seconds=60)
DOWN_TEXT = "This service is disturbed at the moment. Please try again in a few minutes."


@dataclass(frozen=True, kw_only=True)
class ProviderStatus:
    """One provider as ops see it.

    ``last_error_code``: the provider's own code or how the last failed attempt ended, e.g.
    ``"timeout"``; empty, with ``last_error_at`` None, where no call ever failed.
    ``switched_off_text``: what ops tell users meanwhile; None while the provider is on.
    """

    provider: str
    breaker: str
    failures_last_minute: int
    last_error_code: str
    last_error_at: datetime | None
    switched_off_text: str | None

    @property
    def state(self) -> str:
        """``"down"``: the breaker is open. ``"degraded"``: half open, or failures lately."""
        if self.breaker == breaker.OPEN:
            return "down"
        healthy = self.breaker == breaker.CLOSED and not self.failures_last_minute
        return "ok" if healthy else "degraded"

    @property
    def message(self) -> str | None:
        """What a banner for users may say; None while there is nothing to say."""
        if self.switched_off_text is not None:
            return self.switched_off_text
        return DOWN_TEXT if self.state == "down" else None


def lately(*, provider: str, now: datetime) -> QuerySet[GatewayCall]:
    """Return the calls that failed within the sliding minute that ends now."""
    return _failed(provider).filter(finished_at__gt=now - WINDOW)


def _failed(provider: str) -> QuerySet[GatewayCall]:
    return GatewayCall.objects.filter(provider=provider, failure=True)


def status(*, provider: str) -> ProviderStatus:
    """Return how a provider does right now."""
    # What our own breaker refused says nothing about why.
    last = (
        _failed(provider)
        .exclude(outcome=Outcome.REFUSED)
        .order_by("-finished_at")
        .values_list("provider_code", "outcome", "finished_at")
        .first()
    )
    return ProviderStatus(
        provider=provider,
        breaker=breaker.state(provider),
        failures_last_minute=lately(provider=provider, now=timezone.now()).count(),
        last_error_code=(last[0] or last[1]) if last else "",
        last_error_at=last[2] if last else None,
        switched_off_text=switches.switched_off_text(provider=provider),
    )
