"""Tables as wide, and as often indexed, as ours."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models


class Phone(models.Model):
    phone_e164 = models.CharField(max_length=20, primary_key=True)
    last_request_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.phone_e164


class Challenge(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    phone_e164 = models.CharField(max_length=20)
    app = models.CharField(max_length=10)
    code_digest = models.CharField(max_length=64)
    pepper_id = models.CharField(max_length=12)
    state = models.CharField(max_length=10, default="created")
    counts = models.BooleanField(default=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    client_address = models.CharField(max_length=50)
    created_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["phone_e164", "-created_at"]),
            models.Index(fields=["-created_at"]),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Call(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    provider = models.CharField(max_length=20)
    operation = models.CharField(max_length=40)
    outcome = models.CharField(max_length=12, default="started")
    attempts = models.JSONField(default=list)
    provider_message_id = models.CharField(max_length=200, blank=True)
    recipient_masked = models.CharField(max_length=255)
    recipient_fingerprint = models.CharField(max_length=64)
    reference = models.CharField(max_length=64)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["-started_at"]),
            models.Index(fields=["recipient_fingerprint"]),
            models.Index(fields=["provider_message_id"]),
            models.Index(fields=["reference"]),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Token(models.Model):
    digest = models.CharField(max_length=128, primary_key=True)
    phone_e164 = models.CharField(max_length=20)
    expiry = models.DateTimeField()

    def __str__(self) -> str:
        return self.digest[:8]
