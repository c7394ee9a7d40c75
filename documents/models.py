"""Documents and the references that say whose they are. The files themselves are in the storage."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone


class DocType(models.TextChoices):
    KYC = "KYC"
    LEAD = "LEAD"
    QUOTATION = "QUOTATION"


class State(models.TextChoices):
    """``pending`` until the blob was looked at; the other three are final but for deletion."""

    PENDING = "pending"
    AVAILABLE = "available"
    REJECTED = "rejected"
    DELETED = "deleted"


class Kind(models.TextChoices):
    LEAD = "LEAD"
    CUSTOMER = "CUSTOMER"
    QUOTATION = "QUOTATION"


class RejectedReason(models.TextChoices):
    """The closed list of the contract. A blob that is ``infected`` stays where it is."""

    SIZE_MISMATCH = "size_mismatch"
    TOO_LARGE = "too_large"
    CHECKSUM_MISMATCH = "checksum_mismatch"
    TYPE_MISMATCH = "type_mismatch"
    MALFORMED = "malformed"
    ENCRYPTED = "encrypted"
    ACTIVE_CONTENT = "active_content"
    INFECTED = "infected"


class Reference(models.Model):
    """A case, and the people who take part in it."""

    id = models.CharField(primary_key=True, max_length=64)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="references_as_customer",
    )
    channel_partner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="references_as_channel_partner",
    )
    kam = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="references_as_kam",
    )
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-created_at", "id")
        indexes = (models.Index(fields=("-created_at", "id"), name="reference_newest"),)

    def __str__(self) -> str:
        return self.id


class Document(models.Model):
    """One file: announced, uploaded by a SAS, then confirmed or refused.

    ``declared_*`` is what the uploader said, ``size`` (bytes) and ``sha256`` what is served. A
    document without a reference belongs to its uploader.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    doc_type = models.CharField(max_length=16, choices=DocType.choices)
    reference = models.ForeignKey(
        Reference, null=True, blank=True, on_delete=models.PROTECT, related_name="documents"
    )
    uploader = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="documents"
    )
    file_name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=64)
    declared_size = models.PositiveIntegerField(null=True, blank=True)
    declared_sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveIntegerField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, null=True, blank=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.PENDING)
    rejected_reason = models.CharField(max_length=32, choices=RejectedReason.choices, blank=True)
    blob_name = models.CharField(max_length=128)
    # The blob as it was confirmed: another ETag later means that somebody changed it.
    etag = models.CharField(max_length=64, blank=True)
    # Whoever confirms has the document to itself until then; a process that dies leaves it so.
    claimed_until = models.DateTimeField(null=True, blank=True)
    # The cleaned copy that is about to take the blob's place: found there, it is ours.
    cleaned_sha256 = models.CharField(max_length=64, blank=True)
    # When ops had to be told: infected, or another blob than the one that was confirmed.
    flagged_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-created_at", "-id")
        indexes = (
            models.Index(fields=("-created_at", "-id"), name="document_newest"),
            models.Index(fields=("state", "created_at"), name="document_state"),
            # Looked through every minute; next to nothing is flagged.
            models.Index(
                fields=("flagged_at",),
                condition=models.Q(flagged_at__isnull=False),
                name="document_flagged",
            ),
        )
        constraints = (
            # Not by ``unique=True``: on PostgreSQL that makes a second index, for LIKE.
            models.UniqueConstraint(fields=("blob_name",), name="document_blob_name"),
        )

    def __str__(self) -> str:
        return str(self.id)
