"""Faults to order, and which are under way; `sandbox.fault_answers` does them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

_EVERYWHERE = ("timeout", "slow", "drip", "500", "502-html", "429", "reset", "200-error", "bad-key")
NO_REPORT: Final = "no-report"  # accepted as ever, and nothing is heard of it again
FAULTS: Final = {
    "msg91": (*_EVERYWHERE, NO_REPORT),
    "sendgrid": (*_EVERYWHERE, NO_REPORT, "no-credit"),
    "twilio": _EVERYWHERE,
    "azure_blob": _EVERYWHERE,
}


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How long the slow faults take, in seconds."""

    hang_seconds: float = 120.0
    slow_seconds: float = 3.0
    drip_seconds: float = 0.5  # between two bytes; the shortest answer takes over a minute


@dataclass(kw_only=True)
class Order:
    """A fault that is under way; ``count`` is how often it is still to happen, None for ever."""

    fault: str
    count: int | None


@dataclass(kw_only=True)
class Faults:
    """One order per provider, and how many requests hang right now."""

    pace: Pace = field(default_factory=Pace)
    orders: dict[str, Order] = field(default_factory=dict)
    hanging: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FAULTS, 0))

    def order(self, *, provider: str, fault: str, count: int | None) -> None:
        """Order a fault; it replaces the provider's earlier one.

        Raises:
            ValueError: An unknown provider or fault, or a count below 1; the text says which.
        """
        if not isinstance(provider, str) or provider not in FAULTS:
            raise ValueError(f"provider must be one of: {', '.join(FAULTS)}")
        if fault not in FAULTS[provider]:
            raise ValueError(f"fault of {provider} must be one of: {', '.join(FAULTS[provider])}")
        if count is not None and (type(count) is not int or count < 1):
            raise ValueError("count must be a whole number above zero, or null")
        self.orders[provider] = Order(fault=fault, count=count)

    def clear(self, *, provider: str | None) -> None:
        """Take back the order of a provider, or of all."""
        for name in FAULTS if provider is None else (provider,):
            self.orders.pop(name, None)

    def take(self, *, provider: str) -> str | None:
        """Return the fault that is next for a provider and count it."""
        order = self.orders.get(provider)
        if order is None:
            return None
        if order.count is not None:
            order.count -= 1
            if order.count == 0:
                del self.orders[provider]
        return order.fault

    def as_json(self) -> dict[str, object]:
        """Return the state for ``GET /faults``."""
        orders = [
            {"provider": name, "fault": order.fault, "count": order.count}
            for name, order in sorted(self.orders.items())
        ]
        known = {name: list(faults) for name, faults in FAULTS.items()}
        return {"faults": orders, "hanging": dict(self.hanging), "providers": known}
