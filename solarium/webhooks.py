"""Where providers report what became of messages (S40-S42)."""

from __future__ import annotations

import logging

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from api import problems
from api.views import APIView
from integrations import conf, deliveries
from integrations.reports import msg91, sendgrid
from integrations.reports.values import Report, TooManyReports, Unreadable

logger = logging.getLogger(__name__)


class ReportsView(APIView):
    """Takes no session and no token: its body or its path is what proves the sender."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


@extend_schema(exclude=True)
class MSG91ReportsView(ReportsView):
    """MSG91 repeats what is not answered with 2xx, so that what cannot be read is fine, too."""

    def post(self, request: Request, token: str) -> Response:
        if not _is_good(token):
            raise problems.known("not_found")
        reports = msg91.parse(_body_or_form(_raw(request)), now=timezone.now())
        _keep(msg91.PROVIDER, reports)
        return Response({})


@extend_schema(exclude=True)
class SendGridReportsView(ReportsView):
    """SendGrid signs what it sends; what is not signed is not read."""

    def post(self, request: Request) -> Response:
        public_key = conf.sendgrid_webhook_key()
        if not public_key:
            raise problems.known("not_found")
        body, now = _raw(request).body, timezone.now()
        if not sendgrid.is_genuine(
            body,
            public_key=public_key,
            signature=request.headers.get(sendgrid.SIGNATURE, ""),
            timestamp=request.headers.get(sendgrid.TIMESTAMP, ""),
            now=now,
        ):
            raise problems.known("permission_denied")
        try:
            reports = sendgrid.parse(body, now=now)
        except Unreadable as err:
            raise problems.known("parse_error") from err
        except TooManyReports as err:
            raise problems.known("payload_too_large") from err
        _keep(sendgrid.PROVIDER, reports)
        return Response(status=204)


def _is_good(token: str) -> bool:
    """Compare with all: the time tells neither which one nor how much of it was right."""
    good = False
    for each in conf.msg91_webhook_tokens():
        good |= constant_time_compare(token, each)
    return good


def _raw(request: Request) -> HttpRequest:
    """Return Django's request: the very bytes count, and what is no form must not raise."""
    found: HttpRequest = request._request
    return found


def _body_or_form(request: HttpRequest) -> bytes:
    """Return the body, of a form in parts its field; such a form is what PHP makes of an array."""
    body = request.body
    if request.content_type != "multipart/form-data":
        return body
    # JSON is UTF-8, and some charsets that the header may name raise.
    request.encoding = "utf-8"
    try:
        return str(request.POST.get("data", "")).encode("utf-8", "ignore")
    except (MultiPartParserError, SuspiciousOperation):
        return b""


def _keep(provider: str, reports: list[Report]) -> None:
    kept = deliveries.record(provider=provider, reports=reports)
    logger.info(
        "delivery reports", extra={"provider": provider, "read": len(reports), "kept": kept}
    )
