"""Alerts: a provider that fails too often, or that only a human can make work again (S36, S39).

Failures are counted over the audit rows, so over all processes. An alert opens once, by an INSERT
that the database lets one process win; ops are told once in 15 minutes, by an UPDATE that one wins,
and once more when it is over. One that comes back sooner is shown, and not told again.
"""

from __future__ import annotations

import logging
import re
import time
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import DatabaseError
from django.db.models import Count, Exists, Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from integrations import alert_sinks, conf, failures, metrics, redact
from integrations.errors import (
    BlobNotFound,
    DuplicateRequest,
    GatewayAuthFailed,
    GatewayError,
    GatewayRejected,
    RecipientRejected,
)
from integrations.fallback import REFUSED_KEY
from integrations.models import Alert, GatewayCall, Outcome
from integrations.signals import ops_action

logger = logging.getLogger(__name__)

QUIET: Final = timedelta(minutes=15)  # between two notices of one provider
ASK_AGAIN_SECONDS: Final = 1.0  # while one is open, a process does not ask for every failure
MAX_TEXT_LENGTH: Final = Alert.text.field.max_length
# A provider's own code may be anything, also a phone or a key: only our own words and short numbers
# go out.
_CODE = re.compile(
    r"\d{1,5}|http_\d{3}|timeout|connect_timeout|connection_error|server_error|sdk_error"
    r"|internal_error|credits_exceeded|breaker_open|no_slot"
)
_NO_REFUSAL = (RecipientRejected, BlobNotFound, DuplicateRequest)

# By provider and kind: until when this process, which saw it open, need not ask again.
_rests_until: dict[tuple[str, str], float] = {}


def after_failure(*, provider: str, code: str, error: GatewayError | None) -> None:
    """Raise an alert where the call that just failed makes it due.

    Never in the call's way: a database that fails here is a log line.

    Args:
        code: How it ended, as in the audit row.
        error: The provider's verdict; None where it gave none.
    """
    refused = isinstance(error, GatewayRejected) and not isinstance(error, _NO_REFUSAL)
    kind = Alert.Kind.REFUSED_BY_PROVIDER if refused else Alert.Kind.FAILURES
    if time.monotonic() < _rests_until.get((provider, kind), 0.0):
        return
    try:
        if refused:
            what = "our key or IP address" if isinstance(error, GatewayAuthFailed) else "our calls"
            raise_alert(
                provider=provider,
                kind=kind,
                text=f"{provider} refuses {what}{_in_brackets(code)}. A human must look.",
            )
        elif _fails_too_often(provider, now=timezone.now()):
            most = conf.alert_failures_per_minute()
            raise_alert(
                provider=provider,
                kind=kind,
                text=f"{provider} is failing: more than {most} calls failed within a minute"
                f"{_in_brackets(code)}.",
            )
        else:
            return
    except DatabaseError as err:
        logger.error("alert not raised", extra={"error_class": type(err).__name__})
    _rests_until[provider, kind] = time.monotonic() + ASK_AGAIN_SECONDS


def _in_brackets(code: str) -> str:
    return f" ({code})" if _CODE.fullmatch(code) else ""


def _fails_too_often(provider: str, *, now: datetime) -> bool:
    """Whether the sliding minute that ends now holds more failures than are allowed."""
    most = conf.alert_failures_per_minute()
    failed = failures.lately(provider=provider, now=now)
    return failed.order_by("-finished_at")[: most + 1].count() > most


def raise_alert(*, provider: str, kind: Alert.Kind, text: str) -> None:
    """Open the alert unless it is open, and tell ops unless they were told lately.

    Args:
        text: No key, number or address; it goes to the webhook.
    """
    now = timezone.now()
    about = Alert.objects.filter(provider=provider, kind=kind, resolved_at=None)
    text = redact.scrub(text)[:MAX_TEXT_LENGTH]
    found = about.values_list("notified_at", flat=True)
    if not found:
        row = Alert(provider=provider, kind=kind, text=text, opened_at=now)
        Alert.objects.bulk_create([row], ignore_conflicts=True)
    elif found[0] is not None and found[0] > now - QUIET:
        return
    told_lately = Alert.objects.filter(provider=provider, kind=kind, notified_at__gt=now - QUIET)
    # The row's own time is compared beside the subquery: who waits for the row's lock sees it anew.
    silent = Q(notified_at=None) | Q(notified_at__lte=now - QUIET)
    if about.filter(silent, ~Exists(told_lately)).update(notified_at=now, text=text):
        metrics.alert_raised(provider=provider, kind=kind)
        alert_sinks.tell(provider=provider, kind=kind, state="raised", text=text)


def set_alert(*, channel: str, kind: str, is_on: bool, text: str) -> None:
    """Raise or resolve an alert that another app judges.

    Args:
        channel: ``"sms"``, ``"email"`` or ``"blob"``: the alert is about its provider.
        kind: One of ``Alert.Kind``.
        text: As in `raise_alert`; the provider's name is put before it.
    """
    provider = conf.client(channel).provider
    if is_on:
        raise_alert(provider=provider, kind=Alert.Kind(kind), text=f"{provider}: {text}")
    else:
        resolve_alert(provider=provider, kind=Alert.Kind(kind))


def resolve_alert(*, provider: str, kind: Alert.Kind) -> None:
    """Close the alert where it is open, and tell ops if they had been told of it."""
    now = timezone.now()
    for alert in Alert.objects.filter(provider=provider, kind=kind, resolved_at=None):
        if not Alert.objects.filter(pk=alert.pk, resolved_at=None).update(resolved_at=now):
            continue
        alert.refresh_from_db()
        _rests_until.pop((provider, kind), None)
        if alert.notified_at is not None:
            text = f"{provider}: over since {now:%H:%M} UTC. It was: {alert.text}"
            alert_sinks.tell(
                provider=provider, kind=kind, state="resolved", text=text[:MAX_TEXT_LENGTH]
            )


def settle() -> None:
    """Resolve the alerts about calls that are over.

    Failures are over once the sliding minute holds no more of them than are allowed; a refusal
    once a minute held none and the provider accepted something within it.
    """
    now = timezone.now()
    kinds = (Alert.Kind.FAILURES, Alert.Kind.REFUSED_BY_PROVIDER)
    for alert in Alert.objects.filter(resolved_at=None, kind__in=kinds):
        kind = Alert.Kind(alert.kind)
        if kind == Alert.Kind.FAILURES:
            is_over = not _fails_too_often(alert.provider, now=now)
        else:
            is_over = _is_accepted_again(alert.provider, now=now)
        if is_over:
            resolve_alert(provider=alert.provider, kind=kind)


def _is_accepted_again(provider: str, *, now: datetime) -> bool:
    """A yes to the key behind a refused one is none to the one in use."""
    if failures.lately(provider=provider, now=now).filter(outcome=Outcome.REJECTED).exists():
        return False
    lately = GatewayCall.objects.filter(provider=provider, started_at__gt=now - failures.WINDOW)
    found = lately.annotate(record=Cast("attempts", TextField())).aggregate(
        accepted=Count("pk", filter=Q(outcome=Outcome.ACCEPTED)),
        fell_back=Count("pk", filter=Q(record__contains=f'"{REFUSED_KEY}"')),
    )
    return bool(found["accepted"]) and not found["fell_back"]


def open_alerts() -> list[Alert]:
    """Return what is open after `settle`, newest first; at most one per provider and kind."""
    settle()
    return list(Alert.objects.filter(resolved_at=None).order_by("-opened_at"))


def mark_alert_seen(*, alert_id: int, by: str, actor_id: UUID | None) -> bool:
    """Note that somebody looks at an alert; false where somebody did already, or it is not there.

    Args:
        by: The name of who does it, for the admin.
        actor_id: The account that acts, for the security events.
    """
    unseen = Alert.objects.filter(pk=alert_id, seen_at=None)
    if not unseen.update(seen_at=timezone.now(), seen_by=by[: Alert.seen_by.field.max_length]):
        return False
    ops_action.send(sender=None, kind="alert_seen", detail=f"alert {alert_id}", actor_id=actor_id)
    return True


def reset() -> None:
    """Forget what this process knows of open alerts; for tests."""
    _rests_until.clear()
