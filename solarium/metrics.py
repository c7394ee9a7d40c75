"""``/metrics``: what all processes of this server counted, as Prometheus text (S66)."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.http import HttpResponse
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from rest_framework.authentication import get_authorization_header
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.permissions import has_role
from accounts.roles import Role
from api.openapi import describe
from api.views import APIView
from integrations import gateways
from solarium import described

_BREAKER_STATES: Final = {"closed": 0, "half_open": 1, "open": 2}
_METHODS: Final = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
# A call to a provider that hangs is given up after 19 s.
_REQUEST_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20)

_requests = cache(
    Counter(
        "solarium_requests", "Requests that were answered.", ("method", "route", "status")
    ).labels
)
_seconds = cache(
    Histogram(
        "solarium_request_seconds",
        "Time from a request's arrival in the application to its answer.",
        ("route",),
        buckets=_REQUEST_SECONDS,
    ).labels
)


def observe_request(*, method: str | None, route: str, status: int, seconds: float) -> None:
    """Count one answered request.

    Args:
        method: Any; what is no known method counts as ``other``, or strangers could grow labels.
        route: The URL pattern, never the path; empty where none matched.
    """
    _requests(method if method in _METHODS else "other", route, status).inc()
    _seconds(route).observe(seconds)


class _Breakers(Collector):
    """The breakers' state is shared by all processes, so it is asked for, not counted."""

    def collect(self) -> Iterator[Metric]:
        gauge = GaugeMetricFamily(
            "solarium_breaker_state",
            "State of the provider's breaker: 0 closed, 1 half open, 2 open.",
            labels=("provider",),
        )
        for provider, state in gateways.breaker_states().items():
            gauge.add_metric((provider,), _BREAKER_STATES[state])
        yield gauge


class _AllProcesses(Collector):
    """What the workers of this server counted, those that have ended included.

    Each worker writes files of its own into the directory that bin/serve made.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def collect(self) -> Iterator[Metric]:
        files = [str(file) for file in self._directory.glob("*.db") if _counts(file)]
        yield from MultiProcessCollector.merge(files)  # type: ignore[no-untyped-call]


def _counts(file: Path) -> bool:
    """Tell whether a file counts; remove the live gauges of a worker that has ended.

    Nothing tells the server that a worker was killed. What it counted stays true; the slots that
    it held are free.
    """
    kind, _, pid = file.stem.rpartition("_")
    if kind.startswith("gauge_live") and not _is_alive(int(pid)):
        file.unlink(missing_ok=True)
        return False
    with suppress(FileNotFoundError):  # removed a moment ago for another reader
        return file.stat().st_size > 0  # empty for a moment when a worker starts
    return False


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:  # no such process, or one of another user's that got the number since
        return False
    return True


def exposition() -> bytes:
    """Return all metrics in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Breakers())
    # Read by prometheus_client itself too, before there are settings.
    directory = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if directory is None:
        return generate_latest(REGISTRY) + generate_latest(registry)
    registry.register(_AllProcesses(Path(directory)))
    return generate_latest(registry)


class MayReadMetrics(BasePermission):
    """An ADMIN, or who knows ``METRICS_TOKEN``; all others get the same 401."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if _is_scraper(request) or has_role(request=request, roles=frozenset({Role.ADMIN})):
            return True
        raise NotAuthenticated


def _is_scraper(request: Request) -> bool:
    scheme, _, token = get_authorization_header(request).partition(b" ")
    expected = settings.METRICS_TOKEN.encode()
    return (
        scheme.lower() == b"bearer"
        and expected != b""  # not set: no empty token opens
        and secrets.compare_digest(token, expected)
    )


class MetricsView(APIView):
    permission_classes = (MayReadMetrics,)
    no_store = True

    @describe(
        "getMetrics",
        "Counts and times as Prometheus text",
        tag="Operations",
        auth=[{"token": []}, {"metricsToken": []}],
        answers={(200, "text/plain"): str},
        **described.METRICS,
    )
    def get(self, request: Request) -> HttpResponse:
        return HttpResponse(exposition(), content_type=CONTENT_TYPE_PLAIN_0_0_4)
