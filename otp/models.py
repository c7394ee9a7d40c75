from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import ClassVar, Final

from django.core.exceptions import ValidationError
from django.db import models

from accounts.models import User
from accounts.roles import Role

DEMO_LONGEST: Final = timedelta(days=90)  # a review takes days; what is forgotten ends


class Phone(models.Model):
    """One row a number, so that what happens to a number can be put in line by locking it."""

    phone_e164 = models.CharField(max_length=20, primary_key=True)
    last_request_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"phone …{self.phone_e164[-4:]}"


class State(models.TextChoices):
    """What is stored; ``expired`` follows from the clock and is never stored."""

    CREATED = "created"
    ACCEPTED = "accepted"
    VERIFIED = "verified"
    FAILED = "failed"


class Challenge(models.Model):
    """One code sent to one phone. The code itself is kept only as a keyed digest (S2).

    ``counts``: whether the send costs the phone quota; false once it surely failed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    phone = models.ForeignKey(
        Phone,
        on_delete=models.PROTECT,
        related_name="challenges",
        db_index=False,  # challenge_phone_created begins with it
    )
    app = models.CharField(max_length=10)
    code_digest = models.CharField(max_length=64)
    pepper_id = models.CharField(max_length=12)
    state = models.CharField(max_length=10, choices=State, default=State.CREATED)
    counts = models.BooleanField(default=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    client_address = models.CharField(max_length=50)
    created_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    resend_at = models.DateTimeField(null=True)
    last_attempt_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["phone", "-created_at"], name="challenge_phone_created"),
            models.Index(fields=["-created_at"], name="challenge_created"),
        ]

    def __str__(self) -> str:
        return f"challenge {self.id} {self.state}"

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
        return f"demo number …{self.phone_e164[-4:]}"

    def clean(self) -> None:
        super().clean()
        if self.ends_at and self.ends_at > self.created_at + DEMO_LONGEST:
            raise ValidationError(f"At most {DEMO_LONGEST.days} days.")
        account = User.objects.filter(phone=self.phone_e164).first()
        if account is not None and (account.role != self.role or account.is_staff):
            raise ValidationError("The account of this number has another role.")
