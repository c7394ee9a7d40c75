"""The one error family of provider calls; the class is the caller's decision.

``str(error)`` is safe to log: provider, operation, code. Never a body, phone, address or key.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured


class GatewayError(Exception):
    """A provider call that was not accepted.

    ``maybe_accepted`` is true when an attempt ended after the request had left: the message may
    still arrive, and only a delivery report can tell.
    """

    def __init__(
        self,
        *,
        provider: str,
        operation: str,
        provider_code: str = "",
        maybe_accepted: bool = False,
    ) -> None:
        super().__init__(f"{provider} {operation}: {type(self).__name__} {provider_code}".strip())
        self.maybe_accepted = maybe_accepted
        self.provider = provider
        self.operation = operation
        self.provider_code = provider_code


class GatewayUnavailable(GatewayError):
    """No attempt was accepted for sure; try again after ``retry_after_seconds``.

    ``message``: what users are told instead of the usual text, where ops wrote one.
    ``nothing_sent``: no byte of a request left for the provider, in no attempt.
    """

    message = ""

    def __init__(
        self,
        *,
        provider: str,
        operation: str,
        provider_code: str = "",
        retry_after_seconds: int = 60,
        maybe_accepted: bool = False,
        nothing_sent: bool = False,
    ) -> None:
        super().__init__(
            provider=provider,
            operation=operation,
            provider_code=provider_code,
            maybe_accepted=maybe_accepted,
        )
        self.retry_after_seconds = retry_after_seconds
        self.nothing_sent = nothing_sent


class GatewayRefused(GatewayUnavailable):
    """Our own breaker or slots let nothing through; nothing was asked."""


class GatewaySwitchedOff(GatewayRefused):
    """Ops took the provider out of use; nothing was asked."""

    def __init__(self, *, provider: str, operation: str, message: str) -> None:
        super().__init__(
            provider=provider,
            operation=operation,
            provider_code="switched_off",
            nothing_sent=True,
        )
        self.message = message


class GatewayThrottled(GatewayUnavailable):
    """The provider asks for fewer calls (429)."""


class GatewayProtocolError(GatewayUnavailable):
    """The answer is not what the provider documents: HTML, no JSON, a redirect."""


class GatewayRejected(GatewayError):
    """The provider said no; asking again will not help, a human must look."""


class RecipientRejected(GatewayRejected):
    """The provider refuses this phone or address; ask the person for another."""


class RecipientSuppressed(GatewayRejected):
    """Mail to this address came back or is not wanted; nothing was asked. Ops may lift it."""


class GatewayAuthFailed(GatewayRejected):
    """The provider refuses our key or our IP address; ops must act."""


class DuplicateRequest(GatewayRejected):
    """The provider says that it has this message already; ``receipt`` stands for the first one."""

    def __init__(
        self, *, provider: str, operation: str, provider_code: str = "", receipt: Any
    ) -> None:
        super().__init__(provider=provider, operation=operation, provider_code=provider_code)
        self.receipt = receipt


class BlobNotFound(GatewayRejected):
    """There is no blob of this name."""


class AttemptFailed(Exception):
    """One attempt ended in timeout, connection error or 5xx; only ``calls`` sees it."""

    def __init__(self, reason: str, *, maybe_accepted: bool, http_status: int | None = None):
        super().__init__(reason)
        self.reason = reason
        self.maybe_accepted = maybe_accepted
        self.http_status = http_status

    @property
    def nothing_sent(self) -> bool:
        """Whether it failed before the request left: no name, no connection, no TLS."""
        return not self.maybe_accepted and self.http_status is None


class NotAdmitted(Exception):
    """Breaker or slots let nothing through for now; only ``calls`` sees it.

    ``reason``: ``"breaker_open"`` or ``"no_slot"``.
    """

    def __init__(self, reason: str, *, retry_after_seconds: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after_seconds = retry_after_seconds


class GatewayMisconfigured(ImproperlyConfigured):
    """A setting is missing or wrong; outside the family, so that nobody swallows it."""
