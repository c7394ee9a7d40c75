"""``GET /integrations/status``: how the three providers do, for the banner in WEBPRT."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.permissions import HasRole
from accounts.roles import STAFF
from api.openapi import Answer, MomentField, describe
from api.timestamps import timestamp
from api.views import APIView
from integrations import gateways
from integrations.models import Alert
from solarium import described


class ErrorAnswer(serializers.Serializer[Any]):
    code = serializers.CharField()
    at = MomentField()


class ProviderAnswer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=("ok", "degraded", "down"))
    breaker = serializers.ChoiceField(choices=("closed", "open", "half_open"))
    failuresLastMinute = serializers.IntegerField(min_value=0)  # noqa: N815
    lastError = ErrorAnswer(allow_null=True)  # noqa: N815
    message = serializers.CharField(allow_null=True)


class AlertAnswer(serializers.Serializer[Any]):
    provider = serializers.CharField()
    kind = serializers.ChoiceField(choices=Alert.Kind.values)
    text = serializers.CharField()
    openedAt = MomentField()  # noqa: N815


class StatusAnswer(Answer):
    providers = serializers.DictField(child=ProviderAnswer())
    alerts = AlertAnswer(many=True)


class StatusView(APIView):
    permission_classes = (HasRole,)
    roles = STAFF

    @describe(
        "getStatus",
        "How the providers do",
        tag="Operations",
        answers={200: StatusAnswer},
        **described.STATUS,
    )
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
