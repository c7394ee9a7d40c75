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
    """A lead, a customer or a quotation, and the people who take part in it."""

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

    def people(self) -> dict[str, uuid.UUID | None]:
        """Return the ids of who takes part, by the names of the contract."""
        return {
            "customer": self.customer_id,
            "channelPartner": self.channel_partner_id,
            "kam": self.kam_id,
        }


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
    # When the newest upload link ends; empty in rows that are older than this column.
    upload_until = models.DateTimeField(null=True, blank=True)
    available_at = models.DateTimeField(null=True, blank=True)
    # Since when no link can put anything at the path of a rejected or deleted document.
    path_closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-id")
        indexes = (
            models.Index(fields=("-created_at", "-id"), name="document_newest"),
            models.Index(fields=("state", "created_at"), name="document_state"),
            models.Index(fields=("uploader", "available_at"), name="document_quota"),
            models.Index(
                fields=("created_at",),
                condition=models.Q(
                    state__in=(State.REJECTED, State.DELETED), path_closed_at__isnull=True
                ),
                name="document_open_path",
            ),
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


class Right(models.TextChoices):
    """What a link allows, on one blob."""

    CREATE = "create"
    READ = "read"


class SASGrant(models.Model):
    """One link that left this system: who may do what with which blob, until when. Insert-only.

    The link itself is not kept: ``signature_sha256`` (hex, of the ``sig`` value as it stands in
    the link, decoded) tells whether a link that turns up somewhere is this one.
    """

    signature_sha256 = models.CharField("SHA-256 of the signature", max_length=64)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="sas_grants",
        db_index=False,
    )
    right = models.CharField(max_length=8, choices=Right.choices)
    document = models.ForeignKey(
        Document, on_delete=models.PROTECT, related_name="sas_grants", db_index=False
    )
    blob_name = models.CharField(max_length=128)
    client_address = models.CharField(max_length=50, blank=True)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    correlation_id = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = "SAS grant"
        ordering = ("-issued_at", "-id")
        indexes = (
            models.Index(fields=("-issued_at", "-id"), name="sasgrant_newest"),
            models.Index(fields=("user", "-issued_at"), name="sasgrant_user"),
            models.Index(fields=("document", "-issued_at"), name="sasgrant_document"),
            models.Index(fields=("signature_sha256",), name="sasgrant_signature"),
        )

    def __str__(self) -> str:
        return f"{self.right} {self.document_id}"


class ReferenceChange(models.Model):
    """One person or the kind of a reference, before and after. Insert-only.

    ``was`` and ``became`` are account ids, a kind, or empty for nobody: nothing to be erased.
    """

    reference = models.ForeignKey(Reference, on_delete=models.PROTECT, related_name="changes")
    at = models.DateTimeField()
    actor_id = models.UUIDField(help_text="The account that changed it")
    field = models.CharField(max_length=16)
    was = models.CharField(max_length=36, blank=True)
    became = models.CharField(max_length=36, blank=True)
    correlation_id = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("-at", "-id")
        indexes = (models.Index(fields=("-at", "-id"), name="referencechange_newest"),)

    def __str__(self) -> str:
        return f"{self.reference_id} {self.field}"
