"""What the tests of alerts share."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from integrations import alerts, gateways
from integrations.models import Alert, GatewayCall, Outcome


def fail(count: int, *, provider: str = "msg91", ago_seconds: float = 0) -> None:
    """Let calls fail as other processes' calls do, and look after each."""
    for _ in range(count):
        at = timezone.now() - timedelta(seconds=ago_seconds)
        GatewayCall.objects.create(
            provider=provider,
            operation="send_otp",
            outcome=Outcome.UNAVAILABLE,
            failure=True,
            started_at=at,
            finished_at=at,
        )
        alerts.after_failure(provider=provider, code="timeout", error=None)


def pass_time(**delta: float) -> None:
    """Put everything further into the past."""
    by = timedelta(**delta)
    for call in GatewayCall.objects.all():
        call.started_at -= by
        call.finished_at -= by
        call.save()
    for alert in Alert.objects.all():
        alert.opened_at -= by
        alert.notified_at = alert.notified_at and alert.notified_at - by
        alert.resolved_at = alert.resolved_at and alert.resolved_at - by
        alert.save()
    alerts.reset()


def send_otp() -> None:
    gateways.send_otp(to="+919800000000", code="123456", reference="otp:test")
