"""``GET /integrations/status``: how the three providers do, for the banner in WEBPRT."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.permissions import HasRole
from accounts.roles import STAFF
from api.timestamps import timestamp
from api.views import APIView
from integrations import gateways
from integrations.models import Alert


class StatusView(APIView):
    permission_classes = (HasRole,)
    roles = STAFF

    @extend_schema(responses={200: dict})
    def get(self, request: Request) -> Response:
        statuses = gateways.provider_statuses()
        return Response(
            {
                "providers": {found.provider: _present(found) for found in statuses},
                "alerts": [_present_alert(alert) for alert in gateways.open_alerts()],
            }
        )


def _present(found: gateways.ProviderStatus) -> dict[str, Any]:
    last_error = None
    if found.last_error_at is not None:
        last_error = {"code": found.last_error_code, "at": timestamp(found.last_error_at)}
    return {
        "state": found.state,
        "breaker": found.breaker,
        "failuresLastMinute": found.failures_last_minute,
        "lastError": last_error,
        "message": found.message,
    }


def _present_alert(alert: Alert) -> dict[str, Any]:
    return {
        "provider": alert.provider,
        "kind": alert.kind,
        "text": alert.text,
        "openedAt": timestamp(alert.opened_at),
    }
