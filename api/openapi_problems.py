"""How refusals look in the OpenAPI description: one schema and one example for each code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from api import idempotency
from api.openapi_examples import CORRELATION_ID
from api.problems import CONTENT_TYPE, TEXTS, Problem, body_of, invalid, known, type_of

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
            "type": {"type": "string", "enum": [type_of(self.code)]},
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
        examples = {name: schema["example"] for name, schema in self.members.items()}
        problem = Problem(status=self.status, code=self.code, detail=self.detail, extra=examples)
        return {**body_of(problem), "correlationId": CORRELATION_ID}


def _without_example(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name != "example"}


def describe_problem(
    problem: Problem, *, schemas: Mapping[str, Mapping[str, Any]] | None = None
) -> DescribedProblem:
    """Return the description of what our code raises, so that its text stands there alone.

    Args:
        problem: As it may be raised; what it holds becomes the example.
        schemas: Those of its further members, by name.
    """
    return DescribedProblem(
        status=problem.status_code,
        code=problem.code,
        detail=problem.text,
        retry_after=problem.retry_after,
        members={
            name: {**schema, "example": problem.extra[name]}
            for name, schema in (schemas or {}).items()
        },
    )


def invalid_field(name: str, code: str, detail: str) -> DescribedProblem:
    """Return the ``validation_error`` of an operation, with a field of its own in the example."""
    problem = invalid(field=name, code=code, detail=detail)
    return describe_problem(problem, schemas={"errors": ERRORS})


# What follows from an operation's method, path and permissions; see `api.openapi.Schema`.
USUAL: Final[Mapping[str, DescribedProblem]] = {
    **{code: describe_problem(known(code)) for code in TEXTS},
    "validation_error": invalid_field("color", "unknown_field", "Unknown field."),
}
NOT_FOUND: Final = USUAL["not_found"]
PERMISSION_DENIED: Final = USUAL["permission_denied"]
INVALID_PAGE: Final = invalid_field("page", "invalid", "Must be a positive whole number.")
IDEMPOTENCY_PROBLEMS: Final = (
    describe_problem(idempotency.in_progress()),
    describe_problem(idempotency.reused()),
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
