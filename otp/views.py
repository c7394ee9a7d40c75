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

from accounts import security_events
from accounts.models import SecurityEvent
from accounts.presenting import present_user
from accounts.roles import App
from accounts.sessions import issue_token
from api import idempotency, problems
from api.address import client_address
from api.fields import PhoneField, StrictSerializer, TextField, UUIDField
from api.openapi import describe
from api.openapi_headers import IDEMPOTENCY_KEY, IDEMPOTENT_REPLAYED
from api.timestamps import timestamp
from api.views import APIView
from otp import admission, described, presenting, proofs, schema, services
from otp.models import Challenge


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
            proof=proofs.read(request.headers.get(proofs.HEADER, "")),
            now=timezone.now(),
        )
        return presenting.present_sent(challenge, now=timezone.now())


class VerifyOTPView(APIView):
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
        address = client_address(request)
        now = timezone.now()
        challenge_id = form.validated_data["challenge_id"]
        shown = proofs.read(request.headers.get(proofs.HEADER, ""))
        with admission.trying(
            client_address=address, challenge_id=challenge_id, proof=shown, now=now
        ):
            proof = services.verify_code(
                challenge_id=challenge_id,
                code=form.validated_data["otp"],
                proof=shown,
                now=now,
            )
        user = services.admit(proof=proof)
        until = proof.demo.ends_at if proof.demo else None
        issued = issue_token(user=user, app=proof.app, now=now, until=until)
        security_events.record(
            kind=SecurityEvent.Kind.LOGIN,
            result=SecurityEvent.Result.OK,
            actor_id=user.pk,
            subject=proof.phone_e164,
            client_address=address,
            detail=f"{proof.app}, demo number" if proof.demo else proof.app,
        )
        return Response(
            {
                "token": issued.token,
                "expiresAt": timestamp(issued.expires_at),
                "installProof": proofs.make(
                    install_id=proof.install_id, phone_e164=proof.phone_e164
                ),
                "user": present_user(user),
            }
        )


class ChallengeView(APIView):
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
