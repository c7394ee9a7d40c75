"""Our OpenAPI description: what every operation answers the same way, said once.

A view says what is its own by `describe`; what follows from its method, its path and its
permissions is added here, so that no view can forget it. The rest is drf-spectacular's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers

from api import idempotency
from api.fields import StrictSerializer
from api.problems import CONTENT_TYPE, TEXTS

F = TypeVar("F", bound=Callable[..., Any])

WITH_BODY = ("DELETE", "PATCH", "POST", "PUT")
OF_A_BODY = ("parse_error", "validation_error", "payload_too_large", "unsupported_media_type")
WITH_RETRY_AFTER = (429, 503)

PROBLEM: Mapping[str, Any] = {
    "type": "object",
    "description": "RFC 9457. `code` is stable; `detail` may be shown to a person as it is.",
    "required": ["success", "type", "title", "status", "code", "detail", "correlationId"],
    "properties": {
        "success": {"type": "boolean", "enum": [False]},
        "type": {"type": "string", "pattern": "^urn:solarium:problem:[a-z_]+$"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "correlationId": {"type": "string", "format": "uuid"},
        "errors": {
            "type": "array",
            "description": "With `validation_error`.",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {
                    "field": {"type": "string"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
        "attemptsLeft": {
            "type": "integer",
            "minimum": 0,
            "description": "With `otp_incorrect`.",
        },
        "reason": {"type": "string", "description": "With `document_rejected`."},
    },
}

HEADERS: Mapping[str, Mapping[str, Any]] = {
    "X-Request-ID": {
        "required": True,
        "description": "The correlation id.",
        "schema": {"type": "string", "format": "uuid"},
    },
    "Cache-Control": {"required": True, "schema": {"type": "string", "enum": ["no-store"]}},
    "Retry-After": {
        "required": True,
        "description": "Seconds.",
        "schema": {"type": "integer", "minimum": 1},
    },
    "WWW-Authenticate": {"required": True, "schema": {"type": "string", "enum": ["Token"]}},
}


@extend_schema_field({"type": "boolean", "enum": [True]})
class _True(serializers.BooleanField):
    """Nothing but true."""


@extend_schema_field({"type": "string", "format": "date-time", "pattern": "Z$"})
class MomentField(serializers.CharField):
    """A moment as `api.timestamps` spells it."""


class Answer(serializers.Serializer[Any]):
    """What every answer that is an object holds; for the description only."""

    success = _True()
    correlationId = serializers.UUIDField()  # noqa: N815  (the contract's spelling)


class PageAnswer(Answer):
    """What every list holds besides its items."""

    page = serializers.IntegerField(min_value=1)
    pages = serializers.IntegerField(min_value=1)
    total = serializers.IntegerField(min_value=0)


IDEMPOTENCY_PROBLEMS: Mapping[int, tuple[str, ...]] = {
    409: ("idempotency_in_progress",),
    422: ("idempotency_key_reused",),
}
IDEMPOTENCY_KEY = OpenApiParameter(
    idempotency.HEADER,
    {"type": "string", "pattern": idempotency.KEY_PATTERN},
    OpenApiParameter.HEADER,
    description="The same key and body again within 24 h get the same answer; nothing is sent.",
)
IDEMPOTENT_REPLAYED = OpenApiParameter(
    idempotency.REPLAYED,
    {"type": "string", "enum": ["true"]},
    OpenApiParameter.HEADER,
    response=[200],
    description="The answer was given before, to the same `Idempotency-Key`.",
)


def describe(
    operation_id: str,
    summary: str,
    *,
    tag: str,
    answers: Mapping[Any, Any],
    problems: Mapping[int, tuple[str, ...]] | None = None,
    **more: Any,
) -> Callable[[F], F]:
    """Describe a view's method.

    Args:
        operation_id: Stable: generated clients name their functions after it.
        answers: By status, as drf-spectacular's ``responses``; 2xx only.
        problems: The codes by status that are this operation's own.
        more: As drf-spectacular's ``extend_schema``: ``request``, ``parameters``, ``examples``.
    """

    def decorate(method: F) -> F:
        method.own_problems = problems or {}  # type: ignore[attr-defined]
        described: F = extend_schema(
            operation_id=operation_id,
            summary=summary,
            tags=[tag],
            responses=dict(answers),
            **more,
        )(method)
        return described

    return decorate


class Schema(AutoSchema):
    """``DEFAULT_SCHEMA_CLASS``: adds problems and headers, closes the bodies of requests."""

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for status, body in bodies.items():
            body["description"] = body["description"] or HTTPStatus(int(status)).phrase
            own = {"Cache-Control"} if getattr(self.view, "no_store", False) else set()
            self._add_headers(body, {"X-Request-ID", *own})
        for refusal, codes in sorted(self._problems().items()):
            bodies[str(refusal)] = self._problem(refusal, sorted(codes))
        return bodies

    def _problems(self) -> dict[int, set[str]]:
        """Return the codes of all refusals by status."""
        view, usual = self.view, ["internal_error", "service_unavailable"]
        if view.get_authenticators():
            usual.append("not_authenticated")
        if hasattr(view, "roles"):  # see accounts.permissions.HasRole
            usual.append("permission_denied")
        if self.method in WITH_BODY:
            usual += OF_A_BODY
        if any(parameter["in"] == "query" for parameter in self._get_parameters()):
            usual.append("validation_error")
        if "{" in self.path:
            usual.append("not_found")
        found: dict[int, set[str]] = defaultdict(set)
        for code in usual:
            found[TEXTS[code][0]].add(code)
        for status, codes in self._own_problems().items():
            found[status] |= set(codes)
        return found

    def _own_problems(self) -> Mapping[int, tuple[str, ...]]:
        method = getattr(self.view, self.method.lower())
        own: Mapping[int, tuple[str, ...]] = getattr(method, "own_problems", {})
        return own

    def _problem(self, status: int, codes: list[str]) -> dict[str, Any]:
        problem = self._component(ResolvedComponent.SCHEMA, "Problem", PROBLEM)
        narrowed = {
            "type": "object",
            "properties": {
                "status": {"type": "integer", "enum": [status]},
                "code": {"type": "string", "enum": codes},
            },
        }
        body = {
            "description": f"{HTTPStatus(status).phrase}: " + ", ".join(f"`{c}`" for c in codes),
            "content": {CONTENT_TYPE: {"schema": {"allOf": [problem, narrowed]}}},
        }
        headers = {"X-Request-ID", "Cache-Control"}
        headers |= {"Retry-After"} if status in WITH_RETRY_AFTER else set()
        headers |= {"WWW-Authenticate"} if status == 401 else set()
        self._add_headers(body, headers)
        return body

    def _add_headers(self, body: dict[str, Any], names: set[str]) -> None:
        body["headers"] = {
            **body.get("headers", {}),
            **{
                name: self._component(ResolvedComponent.HEADER, name, HEADERS[name])
                for name in sorted(names)
            },
        }

    def _component(self, kind: str, name: str, content: Mapping[str, Any]) -> dict[str, str]:
        """Return a reference to what stands once for all operations."""
        component = ResolvedComponent(  # type: ignore[no-untyped-call]
            name=name, type=kind, object=name, schema=dict(content)
        )
        self.registry.register_on_missing(component)
        reference: dict[str, str] = component.ref
        return reference

    def _get_request_body(self, direction: Any = "request") -> dict[str, Any] | None:
        body: dict[str, Any] | None
        body = super()._get_request_body(direction)  # type: ignore[no-untyped-call]
        # No view of ours reads a body that may as well be missing.
        return body and {**body, "required": True}

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> dict[str, Any]:
        mapped: dict[str, Any]
        mapped = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        if isinstance(serializer, StrictSerializer):
            mapped["additionalProperties"] = False
        return mapped
