from __future__ import annotations

from typing import ClassVar

from django.db import models


class IdempotencyRecord(models.Model):
    """One ``Idempotency-Key``: who works on its request, or what was answered.

    Neither key nor body stand here, only keyed digests: bodies hold phones and addresses. The
    digest of the key covers endpoint and account.

    ``owner``: a random mark of the request that works on it. ``answer``: JSON, empty while the
    request is running. ``expires_at``: until then it stands in the way, at first for as long as a
    request may take, then for as long as an answer is kept.
    """

    key_digest = models.CharField(max_length=64, primary_key=True)
    body_digest = models.CharField(max_length=64)
    owner = models.CharField(max_length=32)
    answer = models.TextField(blank=True)
    expires_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="idempotency_expires")]

    def __str__(self) -> str:
        return f"idempotency record {self.key_digest[:12]}"
