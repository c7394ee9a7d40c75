"""What this app keeps: calls, keys, alerts, switches, and what became of messages."""

from __future__ import annotations

import uuid
from typing import ClassVar, Final

from django.db import models

from integrations.redact import MAX_MASKED_LENGTH

EVENT_ID_LENGTH: Final = 100
SWITCH_TEXT_LENGTH: Final = 200


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


class Delivery(models.TextChoices):
    """What the provider reported later; a delivered message never becomes an undelivered one."""

    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"


class GatewayCall(models.Model):
    """The audit row of one guarded call: written before it, finished once after it.

    Never a body, code, full number, address, key or signature. ``failure``: it ended badly by the
    provider's fault or ours; a bad recipient is none. ``delivery``: empty until a report comes.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    provider = models.CharField(max_length=20)
    operation = models.CharField(max_length=40)
    outcome = models.CharField(max_length=12, choices=Outcome, default=Outcome.STARTED)
    failure = models.BooleanField(default=False)
    attempts = models.JSONField(default=list)
    provider_message_id = models.CharField(max_length=200, blank=True)
    provider_code = models.CharField(max_length=60, blank=True)
    recipient_masked = models.CharField(max_length=MAX_MASKED_LENGTH, blank=True)
    recipient_fingerprint = models.CharField(max_length=64, blank=True)
    reference = models.CharField(max_length=64, blank=True)
    correlation_id = models.CharField(max_length=64, blank=True)
    key_fingerprint = models.CharField(max_length=12, blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    delivery = models.CharField(max_length=12, choices=Delivery, blank=True)
    delivery_at = models.DateTimeField(null=True)

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


class ProviderKey(models.Model):
    """A key that ops brought in without a deploy: ciphertext only, shown by its fingerprint.

    ``staged`` was proved and waits, ``active`` is used, ``previous`` is what calls fall back to.
    """

    class State(models.TextChoices):
        STAGED = "staged"
        ACTIVE = "active"
        PREVIOUS = "previous"
        RETIRED = "retired"

    class Source(models.TextChoices):
        ENVIRONMENT = "environment"
        ROTATION = "rotation"

    provider = models.CharField(max_length=20)
    ciphertext = models.TextField(blank=True)
    fingerprint = models.CharField(max_length=12)
    state = models.CharField(max_length=10, choices=State)
    source = models.CharField(max_length=12, choices=Source)
    created_at = models.DateTimeField()
    activated_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider", "state"],
                condition=~models.Q(state="retired"),
                name="providerkey_one_each",
            )
        ]

    def __str__(self) -> str:
        return f"{self.provider} key {self.fingerprint} {self.state}"


class Alert(models.Model):
    """Something that ops must look at: opened once, resolved once.

    ``notified_at``: when ops were last told by log, webhook and mail; empty where it came back
    soon after it was over, which is shown and not told again.
    """

    class Kind(models.TextChoices):
        FAILURES = "failures", "Too many failures"
        REFUSED_BY_PROVIDER = "refused_by_provider", "Key, template, balance or IP refused"
        UNDELIVERED = "undelivered", "Accepted but not delivered"
        UNVERIFIED = "unverified", "Sent but not verified"
        DOCUMENTS = "documents", "Infected, lost or exchanged files"

    provider = models.CharField(max_length=20)
    kind = models.CharField(max_length=20, choices=Kind)
    text = models.CharField(max_length=300)
    opened_at = models.DateTimeField()
    notified_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    seen_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider", "kind"],
                condition=models.Q(resolved_at__isnull=True),
                name="alert_one_open",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["-opened_at"], name="alert_opened")]

    def __str__(self) -> str:
        return f"{self.provider} {self.kind} {self.opened_at:%Y-%m-%d %H:%M}"


class ProviderSwitch(models.Model):
    """A provider that ops switched off, with the text that users get meanwhile."""

    provider = models.CharField(max_length=20, primary_key=True)
    text = models.CharField(max_length=SWITCH_TEXT_LENGTH)
    switched_off_at = models.DateTimeField()
    switched_off_by = models.CharField(max_length=150)

    def __str__(self) -> str:
        return f"{self.provider} is off"


class DeliveryEvent(models.Model):
    """What a provider reported later about a call of ours; one row an event, however often told.

    ``call_id``: the call that it is about; empty where no mail of ours matches. ``event_id`` is the
    provider's own, or a digest of what makes a report one. ``kind`` is the provider's word or code.
    """

    class State(models.TextChoices):
        DELIVERED = "delivered"
        UNDELIVERED = "undelivered"
        UNDERWAY = "underway"

    provider = models.CharField(max_length=20)
    event_id = models.CharField(max_length=EVENT_ID_LENGTH)
    call_id = models.UUIDField(null=True)
    state = models.CharField(max_length=12, choices=State)
    kind = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    recipient_masked = models.CharField(max_length=MAX_MASKED_LENGTH, blank=True)
    recipient_fingerprint = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "event_id"], name="deliveryevent_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["-received_at"], name="deliveryevent_received"),
            models.Index(fields=["call_id"], name="deliveryevent_call"),
            models.Index(fields=["recipient_fingerprint"], name="deliveryevent_recipient"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.state} {self.kind}"


class Suppression(models.Model):
    """An address that mail does not reach, or whose owner wants none; ops may lift it."""

    address_fingerprint = models.CharField(max_length=64, primary_key=True)
    address_masked = models.CharField(max_length=MAX_MASKED_LENGTH, blank=True)
    kind = models.CharField(max_length=40)
    reason = models.CharField(max_length=200, blank=True)
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kind} {self.address_masked}"
