"""What every request gets: a correlation id, security headers and one log line."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.middleware.common import CommonMiddleware

from integrations import gateways
from solarium import metrics, request_facts

logger = logging.getLogger("solarium.requests")

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)

PROBES = frozenset({"/healthz", "/readyz"})


class TurnMiddleware:
    """Lets few requests of a process work at once; the others wait for their turn.

    Not ``/healthz``: a process that is busy lives.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path == "/healthz":
            return self.get_response(request)
        with gateways.turn():
            return self.get_response(request)


class HostMiddleware(CommonMiddleware):
    """Refuses hosts that are not ours. Probes come by address, and no link is made of theirs."""

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        return None if request.path in PROBES else super().process_request(request)


class RequestMiddleware:
    """First of all: what answers early still carries the id."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.monotonic()
        correlation_id = _given_id(request) or str(uuid.uuid4())
        gateways.bind_correlation_id(correlation_id)
        with request_facts.bound(request):
            return self._answer(request, correlation_id, started)

    def _answer(
        self, request: HttpRequest, correlation_id: str, started: float
    ) -> HttpResponseBase:
        response = self.get_response(request)
        response["X-Request-ID"] = correlation_id
        response.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        route, status = request_facts.route(request), response.status_code
        seconds = time.monotonic() - started
        metrics.observe_request(method=request.method, route=route, status=status, seconds=seconds)
        logger.info(
            "request",
            extra={
                "method": request.method,
                "route": route,
                "status": status,
                "ms": round(seconds * 1000),
            },
        )
        return response


def _given_id(request: HttpRequest) -> str:
    try:
        return str(uuid.UUID(request.headers.get("X-Request-ID", "")))
    except ValueError:
        return ""
