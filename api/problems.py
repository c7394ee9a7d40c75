"""problem+json (RFC 9457): the one shape of every error answer."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse, UnreadablePostError
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.views import set_rollback

from api.address import client_address
from api.signals import request_refused
from integrations import gateways

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
DATABASE_RETRY_AFTER_SECONDS = 5

TEXTS: Mapping[str, tuple[int, str]] = {
    "parse_error": (400, "The request body is not valid JSON."),
    "validation_error": (400, "Some fields are not valid."),
    "not_authenticated": (401, "Please log in."),
    "permission_denied": (403, "You may not do this."),
    "not_found": (404, "There is nothing here."),
    "method_not_allowed": (405, "This method is not allowed here."),
    "payload_too_large": (413, "The request body is too large."),
    "unsupported_media_type": (
        415,
        "Send application/json, or multipart/form-data where a file is handed in.",
    ),
    "internal_error": (500, "Something went wrong on our side. Please try again."),
    "service_unavailable": (503, "The service is unavailable. Please try again shortly."),
}


class Problem(exceptions.APIException):
    """Raise it anywhere below a view; it becomes the answer.

    Args:
        code: Stable, for programs.
        detail: May be shown to a person as it is.
        retry_after: Seconds; required for 429 and 503.
        extra: Further members of the body.
    """

    def __init__(
        self,
        *,
        status: int,
        code: str,
        detail: str,
        retry_after: int | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail=detail, code=code)
        self.status_code = status
        self.code = code
        self.text = detail
        self.retry_after = retry_after
        self.extra = dict(extra or {})


def known(code: str, **extra: Any) -> Problem:
    """Return one of the problems that any endpoint may answer."""
    status, detail = TEXTS[code]
    retry_after = DATABASE_RETRY_AFTER_SECONDS if status == 503 else None
    return Problem(status=status, code=code, detail=detail, retry_after=retry_after, extra=extra)


def invalid(*, field: str, code: str, detail: str) -> Problem:
    """Return the 400 that names one field."""
    return known("validation_error", errors=[{"field": field, "code": code, "detail": detail}])


def gateway_problem(
    error: gateways.GatewayError, *, unavailable: str, rejected: str, detail: str
) -> Problem:
    """Turn a provider's verdict into our answer: 503 try later, 502 a human must look.

    Where ops switched the provider off, their text takes the place of ``detail``.

    Args:
        unavailable: The code of the 503.
        rejected: The code of the 502; the same one where callers cannot tell: 503 as well.
    """
    if isinstance(error, gateways.GatewayUnavailable):
        return Problem(
            status=503,
            code=unavailable,
            detail=error.message or detail,
            retry_after=error.retry_after_seconds,
        )
    if rejected == unavailable:
        return Problem(status=503, code=unavailable, detail=detail, retry_after=60)
    return Problem(status=502, code=rejected, detail=detail)


def type_of(code: str) -> str:
    """Return the URI that RFC 9457 asks for; it leads nowhere."""
    return f"urn:solarium:problem:{code}"


def body_of(problem: Problem) -> dict[str, Any]:
    """Return the members of the answer."""
    return {
        "success": False,
        "type": type_of(problem.code),
        "title": HTTPStatus(problem.status_code).phrase,
        "status": problem.status_code,
        "code": problem.code,
        "detail": problem.text,
        **problem.extra,
        "correlationId": gateways.correlation_id(),
    }


def headers_of(problem: Problem) -> dict[str, str]:
    """Return the headers that belong to the status."""
    headers: dict[str, str] = {"Cache-Control": "no-store"}
    if problem.retry_after is not None:
        headers["Retry-After"] = str(max(problem.retry_after, 1))
    if problem.status_code == 401:
        headers["WWW-Authenticate"] = "Token"
    return headers


def problem_response(problem: Problem) -> JsonResponse:
    """Answer outside of DRF: unknown paths, middleware, Django's own error handlers."""
    return JsonResponse(
        body_of(problem),
        status=problem.status_code,
        headers=headers_of(problem),
        content_type=CONTENT_TYPE,
    )


def handle_exception(error: Exception, context: Mapping[str, Any]) -> JsonResponse:
    """DRF's ``EXCEPTION_HANDLER``: every exception of a view becomes a problem.

    Not DRF's own response: the schema's view would render it as YAML.
    """
    problem = _problem_of(error)
    if problem.code == "internal_error":
        logger.error("unhandled exception", exc_info=error)
        got_request_exception.send(sender=None, request=context["request"])
    set_rollback()
    _tell(problem, context["request"])
    return problem_response(problem)


def _tell(problem: Problem, request: HttpRequest | Request) -> None:
    """Let other apps know of a refusal; what they do with it cannot change the answer."""
    if 400 <= problem.status_code < 500:
        request_refused.send_robust(
            sender=None,
            status=problem.status_code,
            code=problem.code,
            user_id=getattr(getattr(request, "user", None), "pk", None),
            address=client_address(request),
        )


def _problem_of(error: Exception) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, exceptions.ValidationError):
        return known("validation_error", errors=list(_flatten("", error.get_full_details())))
    by_class: tuple[tuple[Any, str], ...] = (
        # Also of a caller who hung up while sending it: nobody reads this answer.
        ((exceptions.ParseError, UnreadablePostError), "parse_error"),
        ((exceptions.NotAuthenticated, exceptions.AuthenticationFailed), "not_authenticated"),
        ((exceptions.PermissionDenied, PermissionDenied), "permission_denied"),
        ((exceptions.NotFound, Http404), "not_found"),
        (exceptions.MethodNotAllowed, "method_not_allowed"),
        (exceptions.UnsupportedMediaType, "unsupported_media_type"),
        (RequestDataTooBig, "payload_too_large"),
        ((OperationalError, InterfaceError), "service_unavailable"),
    )
    for classes, code in by_class:
        if isinstance(error, classes):
            if code == "service_unavailable":
                logger.error("database unavailable", extra={"error_class": type(error).__name__})
            return known(code)
    return known("internal_error")


def _flatten(path: str, details: Any) -> Iterable[dict[str, str]]:
    # A form may have fields of these names: their details are lists.
    if isinstance(details, dict) and isinstance(details.get("message"), str):
        yield {"field": path, "code": str(details["code"]), "detail": str(details["message"])}
    elif isinstance(details, dict):
        for name, inner in details.items():
            below = "" if name == "non_field_errors" else str(name)
            yield from _flatten(".".join(part for part in (path, below) if part), inner)
    elif isinstance(details, list):
        for inner in details:
            yield from _flatten(path, inner)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    """Django's ``handler400``: a host that is not ours, a malformed request line."""
    return problem_response(
        Problem(status=400, code="bad_request", detail="The request is not valid.")
    )


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    """Django's ``handler403``."""
    problem = known("permission_denied")
    _tell(problem, request)
    return problem_response(problem)


def not_found(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    """Django's ``handler404``, and the last route of all."""
    return problem_response(known("not_found"))


def server_error(request: HttpRequest) -> JsonResponse:
    """Django's ``handler500``: a page or a middleware failed. Django's own line is switched off."""
    logger.error("unhandled exception", exc_info=sys.exception())
    return problem_response(known("internal_error"))
