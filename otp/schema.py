"""How answers about codes look in the OpenAPI description."""

# ruff: noqa: N815  # the fields are spelled as the contract spells them
from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework import serializers

from accounts.schema import UserAnswer
from api.openapi import IDEMPOTENCY_PROBLEMS, Answer, MomentField
from otp import proofs

STATES = ("created", "accepted", "undelivered", "delivered", "verified", "expired", "failed")

INSTALL_PROOF = OpenApiParameter(
    proofs.HEADER,
    str,
    OpenApiParameter.HEADER,
    description="The `installProof` of an earlier verifyOTP; a bad one counts as none.",
)


class SentAnswer(Answer):
    challengeId = serializers.UUIDField()
    phone = serializers.RegexField(r"^\+[0-9]{2}\*+[0-9]{4}$")
    expiresIn = serializers.IntegerField(min_value=1)
    expiresAt = MomentField()
    resendIn = serializers.IntegerField(min_value=0)
    resendAt = MomentField()


class VerifiedAnswer(Answer):
    token = serializers.CharField()
    expiresAt = MomentField()
    installProof = serializers.CharField()
    user = UserAnswer()


class EventAnswer(serializers.Serializer[None]):
    state = serializers.ChoiceField(choices=STATES)
    at = MomentField()
    reason = serializers.CharField(required=False)


class ChallengeAnswer(Answer):
    state = serializers.ChoiceField(choices=STATES)
    expiresIn = serializers.IntegerField(min_value=0)
    resendIn = serializers.IntegerField(min_value=0)
    events = EventAnswer(many=True)


SEND_PROBLEMS = {
    400: ("phone_rejected",),
    **IDEMPOTENCY_PROBLEMS,
    429: ("resend_too_soon", "send_limit_reached"),
    502: ("sms_rejected",),
    503: ("sms_unavailable",),
}
VERIFY_PROBLEMS = {
    400: ("otp_incorrect",),
    403: ("account_not_allowed",),
    410: ("otp_expired",),
    429: ("otp_attempts_exhausted", "phone_locked", "verify_limit_reached"),
}

_CHALLENGE_ID = "5b0f6f0e-6a0a-4c1b-9a0e-2f3d1c9b7a11"
_CORRELATION_ID = "0d8f3c52-7f5e-4f0b-8f5d-1f6f1b1f7a20"
SEND_EXAMPLES = [
    OpenApiExample(
        "A code for the customer app",
        {"phone": "+919876543210", "app": "CUSTAP"},
        request_only=True,
    ),
    OpenApiExample(
        "Sent",
        {
            "success": True,
            "challengeId": _CHALLENGE_ID,
            "phone": "+91******3210",
            "expiresIn": 120,
            "expiresAt": "2026-11-24T10:02:00.000Z",
            "resendIn": 30,
            "resendAt": "2026-11-24T10:00:30.000Z",
            "correlationId": _CORRELATION_ID,
        },
        response_only=True,
    ),
]
VERIFY_EXAMPLES = [
    OpenApiExample(
        "The code of an SMS", {"challengeId": _CHALLENGE_ID, "otp": "123456"}, request_only=True
    ),
]
