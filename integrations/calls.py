"""The guarded path: audit row → attempts by the wall clock → audit row finished.

A client describes one attempt; timeout, retries, record and log are here and nowhere else.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, Protocol, TypeVar
from uuid import UUID

from django.utils import timezone

from integrations import audit, conf, transport
from integrations.errors import (
    AttemptFailed,
    BlobNotFound,
    DuplicateRequest,
    GatewayError,
    GatewayRejected,
    GatewayUnavailable,
    RecipientRejected,
)
from integrations.models import Outcome

logger = logging.getLogger(__name__)


class Receipt(Protocol):
    @property
    def provider_message_id(self) -> str: ...


R = TypeVar("R", bound=Receipt)


class _Call:
    """One call under way: its audit row and the attempts so far."""

    def __init__(self, *, call_id: UUID, provider: str, operation: str) -> None:
        self.id, self.provider, self.operation = call_id, provider, operation
        self.attempts: list[dict[str, Any]] = []
        self.maybe_accepted = False

    def record(self, *, started: float, error: str = "", http_status: int | None = None) -> None:
        self.attempts.append(
            {
                "started": timezone.now().isoformat(),
                "ms": round((time.monotonic() - started) * 1000),
                "httpStatus": http_status,
                "error": error,
            }
        )

    def finish(
        self, outcome: Outcome, *, message_id: str = "", code: str = "", level: int = logging.ERROR
    ) -> None:
        audit.finish(
            self.id,
            outcome=outcome,
            attempts=self.attempts,
            provider_message_id=message_id,
            provider_code=code,
        )
        logger.log(
            level,
            "gateway call finished",
            extra={
                "provider": self.provider,
                "operation": self.operation,
                "outcome": str(outcome),
                "provider_code": code,
                "attempts": len(self.attempts),
                "call_id": str(self.id),
            },
        )


def perform(
    *,
    provider: str,
    operation: str,
    recipient: str,
    reference: str,
    key: str,
    attempt: Callable[[], R],
    retry: bool,
) -> R:
    """Run one provider call and leave one finished audit row.

    Args:
        recipient: Phone, address or blob name; only its mask and fingerprint are kept.
        reference: The caller's own id; at most 64 characters, no personal data.
        key: The provider key in use; only its fingerprint is kept.
        attempt: One HTTP try. It returns a receipt or raises.
        retry: Whether a timeout, connection error or 5xx is tried again.

    Raises:
        GatewayUnavailable: No attempt was accepted for sure; see ``maybe_accepted``.
        GatewayRejected: The provider said no.
    """
    guard = conf.guard()
    call = _Call(
        call_id=audit.start(
            provider=provider,
            operation=operation,
            recipient=recipient,
            reference=reference,
            key=key,
        ),
        provider=provider,
        operation=operation,
    )
    audit.release_connections()
    most = 1 + (guard.retries if retry else 0)
    for number in range(1, most + 1):
        started = time.monotonic()
        try:
            with transport.attempt(
                connect_seconds=guard.connect_timeout_seconds,
                seconds=guard.attempt_timeout_seconds,
            ):
                receipt = attempt()
        except AttemptFailed as failed:
            call.record(started=started, error=failed.reason, http_status=failed.http_status)
            call.maybe_accepted = call.maybe_accepted or failed.maybe_accepted
            if number < most:
                time.sleep(guard.retry_wait_seconds)
                continue
            call.finish(Outcome.UNKNOWN if call.maybe_accepted else Outcome.UNAVAILABLE)
            raise GatewayUnavailable(
                provider=provider,
                operation=operation,
                provider_code=failed.reason,
                maybe_accepted=call.maybe_accepted,
            ) from failed
        except DuplicateRequest as duplicate:
            call.record(started=started, error=type(duplicate).__name__)
            if not call.maybe_accepted:
                call.finish(Outcome.REJECTED, code=duplicate.provider_code)
                raise
            # The attempt whose answer was lost had been accepted after all.
            accepted: R = duplicate.receipt
            call.finish(Outcome.ACCEPTED, code=duplicate.provider_code, level=logging.INFO)
            return accepted
        except GatewayError as error:
            call.record(started=started, error=type(error).__name__)
            # An earlier attempt may have got through, whatever this one was told.
            error.maybe_accepted = error.maybe_accepted or call.maybe_accepted
            call.finish(
                _outcome(error),
                code=error.provider_code,
                # A bad number and a file that is not there yet are nobody's failure.
                level=logging.INFO
                if isinstance(error, (RecipientRejected, BlobNotFound))
                else logging.ERROR,
            )
            raise
        except Exception:
            call.record(started=started, error="internal_error")
            call.finish(Outcome.UNKNOWN)
            raise
        call.record(started=started)
        call.finish(Outcome.ACCEPTED, message_id=receipt.provider_message_id, level=logging.INFO)
        return receipt
    raise AssertionError("the last attempt returns or raises")


def _outcome(error: GatewayError) -> Outcome:
    if error.maybe_accepted:
        return Outcome.UNKNOWN
    return Outcome.REJECTED if isinstance(error, GatewayRejected) else Outcome.UNAVAILABLE
