"""What the operations on documents refuse, for the OpenAPI description."""

from __future__ import annotations

from typing import Final

from api.openapi_problems import NOT_FOUND, describe_problem, invalid_field
from documents import refusing
from documents.models import RejectedReason
from documents.references import UNKNOWN_PERSON
from documents.serializers import REFERENCE_ID_RULE

_STORAGE: Final = describe_problem(refusing.try_again())
_TOO_MANY_LINKS: Final = describe_problem(refusing.too_many_links(wait_seconds=420))
_TOO_MANY_FILES: Final = describe_problem(refusing.too_many_files(wait_seconds=21600))
_REJECTED: Final = describe_problem(
    refusing.rejected(RejectedReason.ENCRYPTED),
    schemas={"reason": {"type": "string", "enum": list(RejectedReason.values)}},
)


SAS: Final = (
    invalid_field("referenceId", "required", "Required here."),
    NOT_FOUND,
    describe_problem(refusing.not_available()),
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
    describe_problem(refusing.not_pending(refusing.CONFIRM_IS_OVER)),
    describe_problem(refusing.not_uploaded()),
    _REJECTED,
    _TOO_MANY_FILES,
    _STORAGE,
)
RENEW: Final = (
    describe_problem(refusing.not_pending(refusing.UPLOAD_IS_OVER)),
    _TOO_MANY_LINKS,
    _STORAGE,
)
PUT_REFERENCE: Final = (invalid_field("customer", "unknown_person", UNKNOWN_PERSON),)
