"""What the operations for ops are for, with examples, for the OpenAPI description."""

from __future__ import annotations

from typing import Final

from api.openapi_examples import NOW, answered, answered_text, explain
from api.openapi_problems import DescribedProblem
from api.problems import DATABASE_RETRY_AFTER_SECONDS

_FINE: Final = {
    "state": "ok",
    "breaker": "closed",
    "failuresLastMinute": 0,
    "lastError": None,
    "message": None,
}

STATUS: Final = explain(
    """
    How the three providers do, and which alerts are open: for the banner in WEBPRT. Ask once a
    minute while the portal is open. Where a provider is not `ok`, show its `message`, or that it
    has trouble; show the `text` of each alert.
    """,
    answered(
        "MSG91 is down",
        {
            "providers": {
                "msg91": {
                    "state": "down",
                    "breaker": "open",
                    "failuresLastMinute": 12,
                    "lastError": {"code": "timeout", "at": NOW},
                    "message": None,
                },
                "sendgrid": _FINE,
                "azure_blob": _FINE,
            },
            "alerts": [
                {
                    "provider": "msg91",
                    "kind": "failures",
                    "text": "SMS are failing: 12 failed calls to MSG91 in a minute.",
                    "openedAt": NOW,
                }
            ],
        },
    ),
)
HEALTH: Final = explain(
    "Whether the process lives: for what restarts it. It looks at nothing else.",
    answered("It lives", {"status": "ok"}),
)
READY: Final = explain(
    """
    Whether this server can do its work: for what sends requests its way. It asks the database and
    the cache, and no provider.
    """,
    answered("It can", {"database": "ok", "cache": "ok", "migrations": "ok"}),
)
METRICS: Final = explain(
    """
    Counts and times since this server started, all its processes together, in Prometheus' text
    format: with an ADMIN's token, or `Authorization: Bearer <METRICS_TOKEN>`.
    """,
    answered_text(
        "A counter",
        "# HELP solarium_provider_calls_total Calls by how they ended.\n"
        "# TYPE solarium_provider_calls_total counter\n"
        'solarium_provider_calls_total{operation="send_otp",outcome="accepted",'
        'provider="msg91"} 1042.0\n',
    ),
)

READY_PROBLEMS: Final = (
    DescribedProblem(
        status=503,
        code="not_ready",
        detail="The service is not ready.",
        retry_after=DATABASE_RETRY_AFTER_SECONDS,
        members={
            "database": {"type": "string", "enum": ["ok", "down"], "example": "ok"},
            "cache": {"type": "string", "enum": ["ok", "down"], "example": "down"},
            "migrations": {
                "type": "string",
                "enum": ["ok", "pending", "unknown"],
                "example": "ok",
            },
        },
    ),
)
