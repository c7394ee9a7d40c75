"""What the operations on documents refuse, for the OpenAPI description."""

from __future__ import annotations

from typing import Final

from api.openapi_problems import NOT_FOUND, DescribedProblem, invalid_field
from documents import refusing
from documents.models import RejectedReason
from documents.references import UNKNOWN_PERSON
from documents.serializers import REFERENCE_ID_RULE

_STORAGE: Final = DescribedProblem(
    status=503,
    code="storage_unavailable",
    detail=refusing.STORAGE_UNAVAILABLE,
    retry_after=refusing.RETRY_AFTER_SECONDS,
)
_TOO_MANY_LINKS: Final = DescribedProblem(
    status=429,
    code="sas_limit_reached",
    detail=refusing.TOO_MANY_LINKS,
    retry_after=420,
)
_TOO_MANY_FILES: Final = DescribedProblem(
    status=429,
    code="file_limit_reached",
    detail=refusing.TOO_MANY_FILES,
    retry_after=21600,
)
_REJECTED: Final = DescribedProblem(
    status=422,
    code="document_rejected",
    detail=refusing.REASON_TEXTS[RejectedReason.ENCRYPTED],
    members={
        "reason": {
            "type": "string",
            "enum": list(RejectedReason.values),
            "example": RejectedReason.ENCRYPTED.value,
        }
    },
)


def _not_pending(detail: str) -> DescribedProblem:
    return DescribedProblem(status=409, code="document_not_pending", detail=detail)


SAS: Final = (
    invalid_field("referenceId", "required", "Required here."),
    NOT_FOUND,
    DescribedProblem(status=409, code="document_not_available", detail=refusing.NOT_AVAILABLE),
    _TOO_MANY_LINKS,
    _STORAGE,
)
LIST: Final = (invalid_field("state", "invalid_choice", '"lost" is not a valid choice.'),)
FILE: Final = (
    invalid_field("referenceId", "invalid", REFERENCE_ID_RULE),
    NOT_FOUND,
    _REJECTED,
    _TOO_MANY_FILES,
    _STORAGE,
)
CONFIRM: Final = (
    _not_pending(refusing.CONFIRM_IS_OVER),
    DescribedProblem(status=409, code="not_uploaded", detail=refusing.NOT_UPLOADED),
    _REJECTED,
    _TOO_MANY_FILES,
    _STORAGE,
)
RENEW: Final = (
    _not_pending(refusing.UPLOAD_IS_OVER),
    _TOO_MANY_LINKS,
    _STORAGE,
)
PUT_REFERENCE: Final = (invalid_field("customer", "unknown_person", UNKNOWN_PERSON),)
