"""``/healthz``: the process lives. ``/readyz``: its parts answer. Neither calls a provider."""

from __future__ import annotations

import functools

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from redis.exceptions import RedisError
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from api import problems
from api.openapi import Answer, describe
from api.views import APIView
from integrations import shared_cache
from solarium import described

OK = ("ok",)


class HealthAnswer(Answer):
    status = serializers.ChoiceField(choices=OK)


class ReadyAnswer(Answer):
    database = serializers.ChoiceField(choices=OK)
    cache = serializers.ChoiceField(choices=OK)
    migrations = serializers.ChoiceField(choices=OK)


class HealthView(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)

    @describe(
        "getHealth",
        "Does the process live",
        tag="Operations",
        answers={200: HealthAnswer},
        **described.HEALTH,
    )
    def get(self, request: Request) -> Response:
        return Response({"status": "ok"})


class ReadyView(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)

    @describe(
        "getReadiness",
        "Do its parts answer",
        tag="Operations",
        answers={200: ReadyAnswer},
        problems=described.READY_PROBLEMS,
        **described.READY,
    )
    def get(self, request: Request) -> Response:
        parts = {"database": _database(), "cache": _cache(), "migrations": "unknown"}
        if parts["database"] == "ok":
            parts["migrations"] = _migrations()
        if set(parts.values()) == {"ok"}:
            return Response(parts)
        raise problems.Problem(
            status=503,
            code="not_ready",
            detail="The service is not ready.",
            retry_after=problems.DATABASE_RETRY_AFTER_SECONDS,
            extra=parts,
        )


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "down"
    return "ok"


def _cache() -> str:
    try:
        shared_cache.client().get("readyz")
    except (RedisError, OSError):
        return "down"
    return "ok"


def _migrations() -> str:
    applied = MigrationRecorder(connection).applied_migrations()
    return "ok" if _newest_migrations() <= applied.keys() else "pending"


@functools.cache
def _newest_migrations() -> frozenset[tuple[str, str]]:
    """Return the last migration of each app; read once, since a process keeps its code."""
    return frozenset(MigrationLoader(None).graph.leaf_nodes())
