"""Headers in the OpenAPI description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from drf_spectacular.utils import OpenApiExample, OpenApiParameter

from api import idempotency
from api.openapi_examples import CORRELATION_ID

HEADERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "X-Request-ID": {
        "required": True,
        "description": "The correlation id: the caller's own where it sent one, else made here.",
        "schema": {"type": "string", "format": "uuid"},
        "example": CORRELATION_ID,
    },
    "Cache-Control": {
        "required": True,
        "description": "Not to be kept: it holds what is one caller's alone.",
        "schema": {"type": "string", "enum": ["no-store"]},
        "example": "no-store",
    },
    "Retry-After": {
        "required": True,
        "description": "Seconds until it makes sense to ask again.",
        "schema": {"type": "integer", "minimum": 1},
        "example": 30,
    },
    "WWW-Authenticate": {
        "required": True,
        "description": "How to prove who you are: `Authorization: Token <token>`.",
        "schema": {"type": "string", "enum": ["Token"]},
        "example": "Token",
    },
}

# As drf-spectacular spells a parameter in the end: every operation has it.
REQUEST_ID: Final[Mapping[str, Any]] = {
    "in": "header",
    "name": "X-Request-ID",
    "schema": {"type": "string"},
    "description": "A UUID of the caller's own, to find the request in our logs by; "
    "anything else counts as none.",
    "example": CORRELATION_ID,
}
IDEMPOTENCY_KEY: Final = OpenApiParameter(
    idempotency.HEADER,
    {"type": "string", "pattern": idempotency.KEY_PATTERN},
    OpenApiParameter.HEADER,
    description="Best a fresh UUID for each press of the button. The same key and body again "
    "within 24 h get the same answer; nothing is sent.",
    examples=[OpenApiExample("A UUID", "5a9bf4f6-2f0a-4f2e-9a57-6a2a5f0f7c11")],
)
IDEMPOTENT_REPLAYED: Final = OpenApiParameter(
    idempotency.REPLAYED,
    {"type": "string", "enum": ["true"]},
    OpenApiParameter.HEADER,
    response=[200],
    description="The answer was given before, to the same `Idempotency-Key`.",
)
