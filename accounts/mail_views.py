"""``/integrations/sendEmail`` and ``/integrations/emailTemplates``."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import described, mails, schema
from accounts.models import User
from accounts.permissions import HasRole, has_role
from accounts.roles import STAFF
from accounts.serializers import (
    ResetRequestSerializer,
    StaffMailSerializer,
    TemplateSerializer,
)
from api import idempotency
from api.address import client_address
from api.openapi import describe
from api.openapi_headers import IDEMPOTENCY_KEY, IDEMPOTENT_REPLAYED
from api.views import APIView


class SendEmailView(APIView):
    """``POST /integrations/sendEmail``: a reset link for anybody, other mails by staff."""

    permission_classes = (AllowAny,)

    @describe(
        "sendEmail",
        "Send a mail",
        tag="Email",
        request={"application/json": schema.mail_bodies()},
        parameters=[IDEMPOTENCY_KEY, IDEMPOTENT_REPLAYED],
        answers={200: schema.MailAnswer},
        problems=described.MAIL_PROBLEMS,
        **described.SEND_EMAIL,
    )
    def post(self, request: Request) -> Response:
        which = TemplateSerializer(data=request.data)
        which.is_valid(raise_exception=True)
        if which.validated_data["template"] == mails.PASSWORD_RESET:
            return self._reset(request)
        if request.auth is None:
            raise NotAuthenticated
        return self._staff_mail(request)

    def _reset(self, request: Request) -> Response:
        form = ResetRequestSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        key = idempotency.key_of(request)
        to, address = form.validated_data["to"], client_address(request)

        def send() -> dict[str, str]:
            mails.request_password_reset(to=to, address=address)
            return {}

        return _once(request, key, send)

    def _staff_mail(self, request: Request) -> Response:
        form = StaffMailSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        fields = form.validated_data
        mails.check_staff_context(template=fields["template"], context=fields["context"])
        key = idempotency.key_of(request)
        if not has_role(request=request, roles=STAFF):
            raise PermissionDenied
        sender = cast(User, request.user)
        return _once(
            request, key, lambda: {"messageId": mails.send_staff_mail(sender=sender, **fields)}
        )


def _once(request: Request, key: str | None, act: Callable[[], dict[str, str]]) -> Response:
    return idempotency.answer_once(request=request, key=key, endpoint="sendEmail", act=act)


class EmailTemplatesView(APIView):
    """``GET /integrations/emailTemplates``: what the caller may send."""

    permission_classes = (HasRole,)
    roles = STAFF

    @describe(
        "listEmailTemplates",
        "The mails that staff may send",
        tag="Email",
        answers={200: schema.TemplatesAnswer},
        **described.TEMPLATES,
    )
    def get(self, request: Request) -> Response:
        return Response(
            {
                "templates": [
                    {"name": template.name, "placeholders": list(template.placeholders)}
                    for template in mails.sendable_templates()
                ]
            }
        )
