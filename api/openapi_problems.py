"""How refusals look in the OpenAPI description: one schema and one example for each code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from api import idempotency
from api.openapi_examples import CORRELATION_ID
from api.problems import CONTENT_TYPE, DATABASE_RETRY_AFTER_SECONDS, TEXTS

ERRORS: Final[Mapping[str, Any]] = {
    "type": "array",
    "minItems": 1,
    "description": "Each field that is wrong; `field` is empty where it is the body as a whole.",
    "items": {
        "type": "object",
        "required": ["field", "code", "detail"],
        "properties": {
            "field": {"type": "string"},
            "code": {"type": "string"},
            "detail": {"type": "string"},
        },
    },
}


@dataclass(frozen=True, kw_only=True)
class DescribedProblem:
    """One problem that an operation may answer.

    Args:
        detail: As people see it in the example; the text of the code that raises it.
        retry_after: Seconds in the example; None where there is no such header.
        members: Further members of the body, all required, as schemas that hold an ``example``.
    """

    status: int
    code: str
    detail: str
    retry_after: int | None = None
    members: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def component(self) -> str:
        """Return the name of its schema, ``OtpIncorrectProblem``."""
        return "".join(part.title() for part in self.code.split("_")) + "Problem"

    def schema(self) -> dict[str, Any]:
        """Return what every problem has, with this one's code, status and members."""
        fixed = {
            "success": {"type": "boolean", "enum": [False]},
            "type": {"type": "string", "enum": [self._type]},
            "title": {"type": "string"},
            "status": {"type": "integer", "enum": [self.status]},
            "code": {"type": "string", "enum": [self.code]},
            "detail": {"type": "string", "description": "May be shown to a person as it is."},
        }
        own = {name: _without_example(schema) for name, schema in self.members.items()}
        properties = {**fixed, **own, "correlationId": {"type": "string", "format": "uuid"}}
        return {"type": "object", "properties": properties, "required": list(properties)}

    def example(self) -> dict[str, Any]:
        """Return the body as it may come."""
        return {
            "success": False,
            "type": self._type,
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            **{name: schema["example"] for name, schema in self.members.items()},
            "correlationId": CORRELATION_ID,
        }

    @property
    def _type(self) -> str:
        return f"urn:solarium:problem:{self.code}"


def _without_example(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name != "example"}


def invalid_field(name: str, code: str, detail: str) -> DescribedProblem:
    """Return the ``validation_error`` of an operation, with a field of its own in the example."""
    status, text = TEXTS["validation_error"]
    wrong = [{"field": name, "code": code, "detail": detail}]
    return DescribedProblem(
        status=status,
        code="validation_error",
        detail=text,
        members={"errors": {**ERRORS, "example": wrong}},
    )


def _usual(code: str) -> DescribedProblem:
    status, detail = TEXTS[code]
    retry_after = DATABASE_RETRY_AFTER_SECONDS if status == 503 else None
    return DescribedProblem(status=status, code=code, detail=detail, retry_after=retry_after)


# What follows from an operation's method, path and permissions; see `api.openapi.Schema`.
USUAL: Final[Mapping[str, DescribedProblem]] = {
    **{code: _usual(code) for code in TEXTS},
    "validation_error": invalid_field("colour", "unknown_field", "Unknown field."),
}
NOT_FOUND: Final = USUAL["not_found"]
PERMISSION_DENIED: Final = USUAL["permission_denied"]
INVALID_PAGE: Final = invalid_field("page", "invalid", "Must be a positive whole number.")
IDEMPOTENCY_PROBLEMS: Final = (
    DescribedProblem(
        status=409,
        code="idempotency_in_progress",
        detail="The first request with this Idempotency-Key is still running.",
        retry_after=idempotency.RETRY_AFTER_SECONDS,
    ),
    DescribedProblem(
        status=422,
        code="idempotency_key_reused",
        detail="This Idempotency-Key was used for another request.",
    ),
)


def content_of(refusals: list[DescribedProblem], references: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of an answer that is one of several problems.

    Args:
        references: To the schema of each, by code.
    """
    schemas = [references[refusal.code] for refusal in refusals]
    return {
        CONTENT_TYPE: {
            "schema": schemas[0] if len(schemas) == 1 else {"oneOf": schemas},
            "examples": {
                refusal.code: {"summary": refusal.detail, "value": refusal.example()}
                for refusal in refusals
            },
        }
    }
