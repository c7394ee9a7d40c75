"""The forms of our requests."""

from __future__ import annotations

import re
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.mails import PASSWORD_RESET, sendable_templates
from api.fields import EmailField, StrictSerializer, TextField


@extend_schema_field({"type": "string", "pattern": r"^\s*([0-9] *){6}\s*$"})
class TOTPField(TextField):
    """Six digits as the app shows them; spaces between them are fine."""

    def to_internal_value(self, data: Any) -> str:
        code = super().to_internal_value(data).replace(" ", "")
        if not re.fullmatch(r"[0-9]{6}", code):
            raise serializers.ValidationError("Enter the six digits.", code="invalid")
        return code


class LoginSerializer(StrictSerializer):
    email = EmailField()
    password = TextField(trim_whitespace=False)
    totp = TOTPField(required=False)


class ResetConfirmSerializer(StrictSerializer):
    uid = TextField(max_length=100)
    token = TextField(max_length=100)
    newPassword = TextField(trim_whitespace=False)  # noqa: N815  (the contract's spelling)


class TemplateField(TextField):
    """The name of a mail that can be asked for."""

    def to_internal_value(self, data: Any) -> str:
        name = super().to_internal_value(data)
        if name != PASSWORD_RESET and name not in {each.name for each in sendable_templates()}:
            raise serializers.ValidationError("There is no such template.", code="unknown_template")
        return name


class TemplateSerializer(serializers.Serializer[Any]):
    """Only which mail it is; that decides about the rest."""

    template = TemplateField()


class ResetRequestSerializer(StrictSerializer):
    template = TemplateField()
    to = EmailField()


class StaffMailSerializer(StrictSerializer):
    template = TemplateField()
    to = EmailField()
    context = serializers.DictField()  # type: ignore[assignment]  # DRF takes it off the class
