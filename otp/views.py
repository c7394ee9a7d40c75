"""``/integrations/sendOTP``, ``/integrations/verifyOTP`` and ``/integrations/otp/{id}``."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.roles import App
from api import idempotency, problems
from api.address import client_address
from api.fields import PhoneField, StrictSerializer, TextField, UUIDField
from api.openapi import describe
from api.openapi_headers import IDEMPOTENCY_KEY, IDEMPOTENT_REPLAYED
from api.views import APIView
from otp import described, login, presenting, proofs, schema, services
from otp.models import Challenge
from otp.proofs import InstallProof


class SendOTPSerializer(StrictSerializer):
    phone = PhoneField()
    app = serializers.ChoiceField(choices=[App.CPAPP.value, App.CUSTAP.value])


@extend_schema_field({"type": "string", "pattern": "^[0-9]{6}$"})
class CodeField(TextField):
    """Six ASCII digits; ``isdigit`` alone would take Devanagari ones (S11)."""

    def to_internal_value(self, data: object) -> str:
        text = str(data)
        if not re.fullmatch(r"[0-9]{6}", text):
            raise serializers.ValidationError("Enter the 6 digits of the code.", code="invalid")
        return text


class VerifyOTPSerializer(StrictSerializer):
    challengeId = UUIDField(source="challenge_id")  # noqa: N815  (the contract's spelling)
    otp = CodeField(trim_whitespace=False)


class SendOTPView(APIView):
    """``POST /integrations/sendOTP``: a code by SMS, for anybody."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @describe(
        "sendOTP",
        "Send a code by SMS",
        tag="OTP",
        request=SendOTPSerializer,
        parameters=[schema.INSTALL_PROOF, IDEMPOTENCY_KEY, IDEMPOTENT_REPLAYED],
        answers={200: schema.SentAnswer},
        problems=described.SEND_PROBLEMS,
        **described.SEND,
    )
    def post(self, request: Request) -> Response:
        form = SendOTPSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return idempotency.answer_once(
            request=request,
            key=idempotency.key_of(request),
            endpoint="sendOTP",
            act=lambda: self._send(request, form.validated_data),
        )

    def _send(self, request: Request, fields: dict[str, Any]) -> dict[str, Any]:
        challenge = services.request_code(
            phone_e164=fields["phone"],
            app=App(fields["app"]),
            client_address=client_address(request),
            proof=_shown(request),
            now=timezone.now(),
        )
        return presenting.present_sent(challenge, now=timezone.now())


class VerifyOTPView(APIView):
    """``POST /integrations/verifyOTP``: a session for a code."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    no_store = True

    @describe(
        "verifyOTP",
        "Log in with a code",
        tag="OTP",
        request=VerifyOTPSerializer,
        parameters=[schema.INSTALL_PROOF],
        answers={200: schema.VerifiedAnswer},
        problems=described.VERIFY_PROBLEMS,
        **described.VERIFY,
    )
    def post(self, request: Request) -> Response:
        form = VerifyOTPSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        opened = login.log_in(
            challenge_id=form.validated_data["challenge_id"],
            code=form.validated_data["otp"],
            client_address=client_address(request),
            proof=_shown(request),
            now=timezone.now(),
        )
        return Response(presenting.present_login(opened))


class ChallengeView(APIView):
    """``GET /integrations/otp/{challengeId}``: how far a code got, for whoever holds its id."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @describe(
        "getOTP",
        "How far a code got",
        tag="OTP",
        answers={200: schema.ChallengeAnswer},
        **described.STATE,
    )
    def get(self, request: Request, challenge_id: UUID) -> Response:
        challenge = Challenge.objects.filter(pk=challenge_id).first()
        if challenge is None:
            raise problems.known("not_found")
        return Response(presenting.present_state(challenge, now=timezone.now()))


def _shown(request: Request) -> InstallProof | None:
    return proofs.read(request.headers.get(proofs.HEADER, ""))
