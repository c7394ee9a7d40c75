"""What operations are for, in words, and what goes to them and comes from them, as examples.

Each app has a module ``described`` of these; tests hold every example to its own schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from inspect import cleandoc
from typing import Any, Final

from drf_spectacular.utils import OpenApiExample

CORRELATION_ID: Final = "0d8f3c52-7f5e-4f0b-8f5d-1f6f1b1f7a20"
NOW: Final = "2026-11-24T10:00:00.000Z"
TOKEN: Final = "4f1c" * 16


def explain(text: str, *examples: OpenApiExample) -> dict[str, Any]:
    """Return the arguments of `api.openapi.describe` that are words and examples.

    Args:
        text: Markdown: what the operation is for, and when to use it.
    """
    return {"description": cleandoc(text), "examples": list(examples)}


def queried(summary: str, **values: str) -> list[OpenApiExample]:
    """Return the examples of a query's parameters."""
    return _parameters("query", summary, values)


def located(summary: str, **values: str) -> list[OpenApiExample]:
    """Return the examples of a path's parameters."""
    return _parameters("path", summary, values)


def _parameters(where: Any, summary: str, values: Mapping[str, str]) -> list[OpenApiExample]:
    return [
        OpenApiExample(summary, value, parameter_only=(name, where))
        for name, value in values.items()
    ]


def asked(
    summary: str, body: Mapping[str, Any], *, media_type: str = "application/json"
) -> OpenApiExample:
    """Return the example of a request."""
    return OpenApiExample(summary, dict(body), request_only=True, media_type=media_type)


def answered(
    summary: str, members: Mapping[str, Any] | None = None, *, status: int = 200
) -> OpenApiExample:
    """Return the example of an answer: its own members between those that all have."""
    body = {"success": True, **(members or {}), "correlationId": CORRELATION_ID}
    return OpenApiExample(summary, body, response_only=True, status_codes=[str(status)])


def answered_text(summary: str, text: str) -> OpenApiExample:
    """Return the example of an answer that is no JSON."""
    return OpenApiExample(
        summary, text, response_only=True, status_codes=["200"], media_type="text/plain"
    )


def page_of(plural: str, *items: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of a list's answer, for `answered`."""
    return {plural: list(items), "page": 1, "pages": 1, "total": len(items)}
