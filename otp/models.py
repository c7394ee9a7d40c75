from __future__ import annotations

import uuid
from datetime import datetime
from typing import ClassVar

from django.db import models


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
