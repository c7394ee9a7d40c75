from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import ClassVar, Final

from django.core.exceptions import ValidationError
from django.db import models

from accounts.models import User
from accounts.roles import Role
from integrations import redact

DEMO_LONGEST: Final = timedelta(days=90)  # a review takes days; what is forgotten ends


class Phone(models.Model):
    """One row a number, so that what happens to a number can be put in line by locking it."""

    phone_e164 = models.CharField(max_length=20, primary_key=True)
    last_request_at = models.DateTimeField()
    wrong_in_a_row = models.PositiveIntegerField(
        default=0, help_text="Wrong codes since the last right one, from callers without a proof"
    )

    def __str__(self) -> str:
        return f"phone {redact.mask_phone(self.phone_e164)}"


class Install(models.Model):
    """An installed app that proved a phone once; what it does counts for itself (S18)."""

    id = models.UUIDField(primary_key=True, editable=False)
    phone = models.ForeignKey(Phone, on_delete=models.CASCADE, related_name="installs")
    wrong_in_a_row = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"install {self.id}"


class Prefix(models.Model):
    """One row for all numbers that differ in the last four digits, to put their sends in line.

    ``version`` grows with each send: who finds another one than he looked at looks again.
    """

    prefix = models.CharField(max_length=20, primary_key=True)
    version = models.PositiveBigIntegerField()
    last_send_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"prefix {self.prefix}"


class DaySpend(models.Model):
    """What the codes of one day cost, in paise; days are those of Asia/Kolkata."""

    day = models.DateField(primary_key=True)
    paise = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return f"{self.day} {self.paise} paise"


class State(models.TextChoices):
    """What is stored; ``expired`` follows from the clock, what was reported from its moments."""

    CREATED = "created"
    ACCEPTED = "accepted"
    VERIFIED = "verified"
    FAILED = "failed"


# Reported by the provider: moments beside the state, which decides what may still happen.
DELIVERED: Final = "delivered"
UNDELIVERED: Final = "undelivered"

REFERENCE: Final = "otp:"  # begins what provider calls about a challenge are known by


class Challenge(models.Model):
    """One code sent to one phone. The code itself is kept only as a keyed digest (S2).

    ``install_id``: the install that asked, by its proof. ``prefix``: of the number, empty where no
    limit of the whole system applies. ``counts``: whether the send costs quota; false once it
    surely failed. ``paise``: what it took of the day's budget. ``attempts``: tries in all;
    ``tries``: those not proved right, each ``[ISO time, install id or null]``.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    phone = models.ForeignKey(
        Phone,
        on_delete=models.PROTECT,
        related_name="challenges",
        db_index=False,  # challenge_phone_created begins with it
    )
    install_id = models.UUIDField(null=True)
    prefix = models.CharField(max_length=20, blank=True, default="")
    app = models.CharField(max_length=10)
    code_digest = models.CharField(max_length=64)
    pepper_id = models.CharField(max_length=12)
    state = models.CharField(max_length=10, choices=State, default=State.CREATED)
    counts = models.BooleanField(default=True)
    paise = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    tries = models.JSONField(default=list)
    client_address = models.CharField(max_length=50)
    created_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    resend_at = models.DateTimeField(null=True)
    undelivered_at = models.DateTimeField(null=True)
    undelivered_reason = models.CharField(max_length=200, blank=True, default="")
    delivered_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["phone", "-created_at"], name="challenge_phone_created"),
            models.Index(fields=["-created_at"], name="challenge_created"),
            models.Index(fields=["prefix", "-created_at"], name="challenge_prefix_created"),
        ]

    def __str__(self) -> str:
        return f"challenge {self.id} {self.state}"

    @property
    def reference(self) -> str:
        """By which the calls of the provider, and its reports, know this challenge."""
        return f"{REFERENCE}{self.pk}"

    def is_live(self, now: datetime) -> bool:
        """Whether its code may still be tried."""
        return (
            self.state == State.ACCEPTED and self.expires_at is not None and self.expires_at > now
        )


class DemoRole(models.TextChoices):
    """Whom a demo number may log in; nobody with a privilege."""

    CUSTOMER = Role.CUSTOMER.value, Role.CUSTOMER.label
    CHANNEL_PARTNER = Role.CHANNEL_PARTNER.value, Role.CHANNEL_PARTNER.label


class DemoNumber(models.Model):
    """A number whose code is fixed, for whoever reviews an app in a store and gets no SMS.

    The code is kept as a keyed digest only (S2). From ``ends_at`` on the number is like any other.
    """

    phone_e164 = models.CharField("phone", max_length=16, unique=True)
    role = models.CharField(max_length=20, choices=DemoRole)
    code_digest = models.CharField(max_length=64)
    ends_at = models.DateTimeField()
    made_by = models.UUIDField(help_text="The account that made it")
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(role__in=DemoRole.values), name="demonumber_role"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("created_at")), name="demonumber_ends"
            ),
        ]

    def __str__(self) -> str:
        return f"demo number {redact.mask_phone(self.phone_e164)}"

    def clean(self) -> None:
        super().clean()
        if self.ends_at and self.ends_at > self.created_at + DEMO_LONGEST:
            raise ValidationError(f"At most {DEMO_LONGEST.days} days.")
        account = User.objects.filter(phone=self.phone_e164).first()
        if account is not None and (account.role != self.role or account.is_staff):
            raise ValidationError("The account of this number has another role.")
