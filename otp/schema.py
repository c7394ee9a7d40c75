"""How answers about codes look in the OpenAPI description."""

# ruff: noqa: N815  # the fields are spelled as the contract spells them
from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework import serializers

from accounts.schema import UserAnswer
from api.openapi import Answer, MomentField
from otp import described, proofs
from otp.presenting import STATES

INSTALL_PROOF = OpenApiParameter(
    proofs.HEADER,
    str,
    OpenApiParameter.HEADER,
    description="The `installProof` of an earlier verifyOTP; a bad one counts as none.",
    examples=[OpenApiExample("Of an earlier login", described.INSTALL_PROOF)],
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
