from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models


class Outcome(models.TextChoices):
    """How a call ended.

    ``unknown``: it may have been accepted, the answer never came. ``refused``: by our own breaker
    or slots, nothing was asked.
    """

    STARTED = "started"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNAVAILABLE = "unavailable"
    UNKNOWN = "unknown"
    REFUSED = "refused"


class GatewayCall(models.Model):
    """The audit row of one guarded call: written before it, finished once after it.

    Never a body, code, full number, address, key or signature. ``failure``: it ended badly by the
    provider's fault or ours; a bad recipient is none.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    provider = models.CharField(max_length=20)
    operation = models.CharField(max_length=40)
    outcome = models.CharField(max_length=12, choices=Outcome, default=Outcome.STARTED)
    failure = models.BooleanField(default=False)
    attempts = models.JSONField(default=list)
    provider_message_id = models.CharField(max_length=200, blank=True)
    provider_code = models.CharField(max_length=60, blank=True)
    recipient_masked = models.CharField(max_length=255, blank=True)
    recipient_fingerprint = models.CharField(max_length=64, blank=True)
    reference = models.CharField(max_length=64, blank=True)
    correlation_id = models.CharField(max_length=64, blank=True)
    key_fingerprint = models.CharField(max_length=12, blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["-started_at"], name="gatewaycall_started"),
            models.Index(
                fields=["provider", "-finished_at"],
                name="gatewaycall_failures",
                condition=models.Q(failure=True),
            ),
            models.Index(fields=["correlation_id"], name="gatewaycall_correlation"),
            models.Index(fields=["recipient_fingerprint"], name="gatewaycall_recipient"),
            models.Index(fields=["provider_message_id"], name="gatewaycall_message"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.operation} {self.outcome} {self.id}"
