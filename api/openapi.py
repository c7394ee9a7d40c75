"""Our OpenAPI description: what every operation answers the same way, said once.

A view says what is its own by `describe`; what follows from its method, its path and its
permissions is added here, so that no view can forget it. The rest is drf-spectacular's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers

from api.fields import StrictSerializer
from api.openapi_headers import HEADERS, REQUEST_ID
from api.openapi_problems import USUAL, DescribedProblem, content_of

F = TypeVar("F", bound=Callable[..., Any])

WITH_BODY = ("DELETE", "PATCH", "POST", "PUT")
OF_A_BODY = ("parse_error", "validation_error", "payload_too_large", "unsupported_media_type")


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


def describe(
    operation_id: str,
    summary: str,
    *,
    tag: str,
    answers: Mapping[Any, Any],
    problems: Iterable[DescribedProblem] = (),
    **more: Any,
) -> Callable[[F], F]:
    """Describe a view's method.

    Args:
        operation_id: Stable: generated clients name their functions after it.
        answers: By status, as drf-spectacular's ``responses``; 2xx only.
        problems: Those that are this operation's own, or whose example is.
        more: As drf-spectacular's ``extend_schema``: ``request``, ``parameters``, and what
            `api.openapi_examples.explain` returns.
    """

    def decorate(method: F) -> F:
        method.own_problems = tuple(problems)  # type: ignore[attr-defined]  # for `Schema`
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
        by_status: dict[int, list[DescribedProblem]] = defaultdict(list)
        for _, refusal in sorted(self._problems().items()):
            by_status[refusal.status].append(refusal)
        for refused_by, refusals in sorted(by_status.items()):
            bodies[str(refused_by)] = self._refused(refused_by, refusals)
        return bodies

    def _problems(self) -> dict[str, DescribedProblem]:
        """Return all refusals by code."""
        view, usual = self.view, ["internal_error", "service_unavailable"]
        if view.get_authenticators():
            usual.append("not_authenticated")
        if hasattr(view, "roles"):  # see accounts.permissions.HasRole
            usual.append("permission_denied")
        if self.method in WITH_BODY:
            usual += OF_A_BODY
        if any(parameter.get("in") == "query" for parameter in self._get_parameters()):
            usual.append("validation_error")
        if "{" in self.path:
            usual.append("not_found")
        method = getattr(view, self.method.lower())
        own: tuple[DescribedProblem, ...] = getattr(method, "own_problems", ())
        return {code: USUAL[code] for code in usual} | {each.code: each for each in own}

    def _refused(self, status: int, refusals: list[DescribedProblem]) -> dict[str, Any]:
        schemas = {
            each.code: self._component(ResolvedComponent.SCHEMA, each.component, each.schema())
            for each in refusals
        }
        codes = ", ".join(f"`{each.code}`" for each in refusals)
        body = {
            # Without the status's own words: Python changes them.
            "description": f"Refused: {codes}",
            "content": content_of(refusals, schemas),
        }
        headers = {"X-Request-ID", "Cache-Control"}
        headers |= {"Retry-After"} if any(each.retry_after for each in refusals) else set()
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
        component = ResolvedComponent(  # type: ignore[no-untyped-call]  # theirs
            name=name, type=kind, object=name, schema=dict(content)
        )
        self.registry.register_on_missing(component)
        reference: dict[str, str] = component.ref
        return reference

    def _get_parameters(self) -> list[dict[str, Any]]:
        parameters: list[dict[str, Any]] = super()._get_parameters()
        usual = self._component(ResolvedComponent.PARAMETER, "X-Request-ID", REQUEST_ID)
        return [*parameters, usual]

    def _get_request_body(self, direction: Any = "request") -> dict[str, Any] | None:
        body: dict[str, Any] | None
        body = super()._get_request_body(direction)  # type: ignore[no-untyped-call]  # theirs
        # No view of ours reads a body that may as well be missing.
        return body and {**body, "required": True}

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> dict[str, Any]:
        mapped: dict[str, Any]
        mapped = super()._map_basic_serializer(  # type: ignore[no-untyped-call]  # theirs
            serializer, direction
        )
        if isinstance(serializer, StrictSerializer):
            mapped["additionalProperties"] = False
        return mapped
