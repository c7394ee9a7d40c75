"""The guarded path: audit row → breaker → slot → attempts by the wall clock → audit row finished.

A client describes one attempt; timeout, retries, record, metrics and log are here and nowhere else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Literal, NoReturn, Protocol, TypeVar

from django.utils import timezone

from integrations import audit, breaker, conf, metrics, slots, switches, transport, turns
from integrations.errors import (
    AttemptFailed,
    BlobNotFound,
    DuplicateRequest,
    GatewayError,
    GatewayRefused,
    GatewayRejected,
    GatewaySwitchedOff,
    GatewayUnavailable,
    NotAdmitted,
    RecipientRejected,
)
from integrations.fallback import CallKeys
from integrations.models import Outcome
from integrations.running import RunningCall

# A bad number and a file that is not there yet are nobody's failure, a switch is ops' will.
NO_FAILURE = (RecipientRejected, BlobNotFound, GatewaySwitchedOff)


class Receipt(Protocol):
    @property
    def provider_message_id(self) -> str: ...


R = TypeVar("R", bound=Receipt)


def perform(
    *,
    provider: str,
    operation: str,
    recipient: str,
    reference: str,
    keys: Sequence[str],
    attempt: Callable[[str], R],
    retry: bool,
) -> R:
    """Run one provider call and leave one finished audit row.

    Args:
        recipient: Phone, address or blob name; only its mask and fingerprint are kept.
        reference: The caller's own id; at most 64 characters, no personal data.
        keys: The key in use and the one to fall back to; empty where none is needed. Only the
            fingerprint of the one that asked last is kept.
        attempt: One HTTP try with the key that it is given. It returns a receipt or raises.
        retry: Whether a timeout, connection error or 5xx is tried again.

    Raises:
        GatewayUnavailable: No attempt was accepted for sure; see ``maybe_accepted``. Also when the
            breaker is open, no slot is free or ops switched the provider off: then nothing was
            asked.
        GatewayRejected: The provider said no.
    """
    call = _start(provider, operation, recipient, reference, CallKeys(keys))
    try:
        receipt = _guarded(call, attempt, retry=retry)
    except GatewayError as error:
        is_failure = not isinstance(error, NO_FAILURE)
        call.finish(_outcome(error), code=error.provider_code, failure=is_failure, error=error)
        raise
    except Exception:
        call.finish(Outcome.UNKNOWN, code="internal_error")
        raise
    call.finish(Outcome.ACCEPTED, message_id=receipt.provider_message_id, failure=False)
    return receipt


def refuse(error: GatewayRejected, *, recipient: str, reference: str) -> NoReturn:
    """Leave the finished audit row of a call that is not made, and raise why.

    It is no failure: provider and key are as they were. Arguments as in `perform`.
    """
    call = _start(error.provider, error.operation, recipient, reference, CallKeys(()))
    call.finish(Outcome.REJECTED, code=error.provider_code, failure=False)
    raise error


def _start(
    provider: str, operation: str, recipient: str, reference: str, keys: CallKeys
) -> RunningCall:
    call_id = audit.start(
        provider=provider,
        operation=operation,
        recipient=recipient,
        reference=reference,
        key=keys.current,
    )
    return RunningCall(id=call_id, provider=provider, operation=operation, keys=keys)


def _guarded(call: RunningCall, attempt: Callable[[str], R], *, retry: bool) -> R:
    """Ask if we may, with nothing in hand that others need."""
    switches.check(provider=call.provider, operation=call.operation)
    audit.release_connections()
    try:
        with (
            turns.turn_given_back(),
            breaker.permit(provider=call.provider) as permit,
            slots.slot(provider=call.provider),
        ):
            return _attempts(call, permit, attempt, retry=retry)
    except NotAdmitted as refusal:
        raise GatewayRefused(
            provider=call.provider,
            operation=call.operation,
            provider_code=refusal.reason,
            retry_after_seconds=refusal.retry_after_seconds,
            nothing_sent=True,
        ) from refusal


def _attempts(
    call: RunningCall, permit: breaker.Permit, attempt: Callable[[str], R], *, retry: bool
) -> R:
    """Try until there is a verdict or no try is left."""
    guard = conf.guard()
    most = 1 + (guard.retries if retry and not permit.probe else 0)
    for number in range(1, most + 1):
        try:
            return _one_attempt(call, permit, attempt)
        except AttemptFailed as failed:
            if number < most and permit.wait(guard.retry_wait_seconds):
                continue
            raise GatewayUnavailable(
                provider=call.provider,
                operation=call.operation,
                provider_code=failed.reason,
                maybe_accepted=call.maybe_accepted,
                nothing_sent=call.nothing_sent,
            ) from failed
        except DuplicateRequest as duplicate:
            if not call.maybe_accepted:
                raise
            # The attempt whose answer was lost had been accepted after all.
            accepted: R = duplicate.receipt
            return accepted
        except GatewayError as error:
            # An earlier attempt may have got through, whatever this one was told.
            error.maybe_accepted = error.maybe_accepted or call.maybe_accepted
            raise
    raise AssertionError("the last attempt returns or raises")


def _one_attempt(call: RunningCall, permit: breaker.Permit, attempt: Callable[[str], R]) -> R:
    """One try inside its budget; the breaker, the audit and the metrics learn how it ended."""
    started_at, started = timezone.now(), time.monotonic()
    error, http_status = "", None
    result: Literal["accepted", "failed", "rejected"] = "accepted"
    try:
        with transport.attempt():
            receipt = call.keys.ask(attempt)
        permit.answered()
        return receipt
    except AttemptFailed as failed:
        error, http_status, result = failed.reason, failed.http_status, "failed"
        call.maybe_accepted = call.maybe_accepted or failed.maybe_accepted
        call.nothing_sent = call.nothing_sent and failed.nothing_sent
        permit.failed()
        raise
    except GatewayError as refused:
        error, result = type(refused).__name__, "rejected"
        permit.answered()
        raise
    except Exception:
        error, result = "internal_error", "failed"
        raise
    finally:
        seconds = time.monotonic() - started
        call.record(started_at=started_at, seconds=seconds, error=error, http_status=http_status)
        metrics.attempt_finished(
            provider=call.provider, operation=call.operation, result=result, seconds=seconds
        )


def _outcome(error: GatewayError) -> Outcome:
    if isinstance(error, GatewayRefused):
        return Outcome.REFUSED
    if error.maybe_accepted:
        return Outcome.UNKNOWN
    return Outcome.REJECTED if isinstance(error, GatewayRejected) else Outcome.UNAVAILABLE
