"""What callers are told where a document is refused, is not there, or nobody can tell."""

from __future__ import annotations

from api import problems
from documents.models import RejectedReason
from integrations import gateways

STORAGE_UNAVAILABLE = "Document storage is unavailable. Please try again shortly."
UPLOAD_IS_OVER = "This document can no longer be uploaded."
CONFIRM_IS_OVER = "This document can no longer be confirmed."
RETRY_AFTER_SECONDS = 10

REASON_TEXTS = {
    RejectedReason.SIZE_MISMATCH: "The file is not as large as announced. Please upload it again.",
    RejectedReason.TOO_LARGE: "The file has too many bytes, pages or pixels.",
    RejectedReason.CHECKSUM_MISMATCH: "The file was damaged on its way. Please upload it again.",
    RejectedReason.TYPE_MISMATCH: "The file is not of the announced type.",
    RejectedReason.MALFORMED: "The file is empty, damaged or cannot be read.",
    RejectedReason.ENCRYPTED: (
        "The PDF is locked. Please unlock it first, for instance by opening it with its password "
        "and printing it to a new PDF, and upload that one."
    ),
    RejectedReason.ACTIVE_CONTENT: (
        "The PDF holds scripts, programs or other files. Please print it to a new PDF and upload "
        "that one."
    ),
    RejectedReason.INFECTED: "The file was refused by the malware scanner.",
}


def rejected(reason: RejectedReason) -> problems.Problem:
    """Return the 422 for a document that is refused for good."""
    return problems.Problem(
        status=422,
        code="document_rejected",
        detail=REASON_TEXTS[reason],
        extra={"reason": reason.value},
    )


def not_available() -> problems.Problem:
    """Return the 409 for a document that cannot be downloaded."""
    return problems.Problem(
        status=409,
        code="document_not_available",
        detail="This document is not available for download.",
    )


def not_uploaded() -> problems.Problem:
    """Return the 409 for a document whose file is not there yet."""
    return problems.Problem(
        status=409, code="not_uploaded", detail="The file has not been uploaded yet."
    )


def not_pending(detail: str) -> problems.Problem:
    """Return the 409 for a document that was settled: `UPLOAD_IS_OVER` or `CONFIRM_IS_OVER`."""
    return problems.Problem(status=409, code="document_not_pending", detail=detail)


def too_many_links(*, wait_seconds: int) -> problems.Problem:
    """Return the 429 for whoever had their links."""
    return problems.Problem(
        status=429,
        code="sas_limit_reached",
        detail="Too many links were asked for. Please try again later.",
        retry_after=wait_seconds,
    )


def too_many_files(*, wait_seconds: int) -> problems.Problem:
    """Return the 429 for an uploader whose files of a day are many or large."""
    return problems.Problem(
        status=429,
        code="file_limit_reached",
        detail="Too many files were uploaded today. Please try again later.",
        retry_after=wait_seconds,
    )


def storage_problem(error: gateways.GatewayError) -> problems.Problem:
    """Return the 503 for a storage that does not do what it should."""
    return problems.gateway_problem(
        error,
        unavailable="storage_unavailable",
        rejected="storage_unavailable",
        detail=STORAGE_UNAVAILABLE,
    )


def try_again() -> problems.Problem:
    """Return the 503 for what is ours: no place, no scanner, another confirm that takes long."""
    return problems.Problem(
        status=503,
        code="storage_unavailable",
        detail=STORAGE_UNAVAILABLE,
        retry_after=RETRY_AFTER_SECONDS,
    )
