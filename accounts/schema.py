"""How our token, sessions and mails look in the OpenAPI description."""

# ruff: noqa: N815  # the fields are spelled as the contract spells them
from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import serializers

from accounts.mails import PASSWORD_RESET, sendable_templates
from accounts.roles import App, Role
from api.fields import MAX_EMAIL_LENGTH
from api.openapi import Answer, MomentField, PageAnswer
from emails.templates import LINK, MAX_LINE_LENGTH, MAX_TEXT_LENGTH, MULTILINE, EmailTemplate


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token <token>`, the word before it included: the token of `verifyOTP` "
            "(30 days) or of `login` (12 hours). It works where the role of its account may.",
        }


class UserAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    role = serializers.ChoiceField(choices=Role.values)
    name = serializers.CharField()
    phone = serializers.CharField(allow_null=True)
    email = serializers.CharField(allow_null=True)


class DoneAnswer(Answer):
    pass


class LoginAnswer(Answer):
    token = serializers.CharField()
    expiresAt = MomentField()
    user = UserAnswer()


class MeAnswer(Answer):
    user = UserAnswer()


class SessionAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    app = serializers.ChoiceField(choices=App.values)
    createdAt = MomentField()
    expiresAt = MomentField()
    current = serializers.BooleanField()


class SessionsAnswer(PageAnswer):
    sessions = SessionAnswer(many=True)


class MailAnswer(Answer):
    messageId = serializers.CharField(required=False)


class TemplateAnswer(serializers.Serializer[Any]):
    name = serializers.CharField()
    placeholders = serializers.ListField(child=serializers.CharField())


class TemplatesAnswer(Answer):
    templates = TemplateAnswer(many=True)


def mail_bodies() -> dict[str, Any]:
    """Return the schema of sendEmail's body: one form for each mail that can be asked for."""
    forms = [_form(PASSWORD_RESET)]
    forms += [_form(each.name, context=_context(each)) for each in sendable_templates()]
    return {"oneOf": forms}


def _form(template: str, **more: Any) -> dict[str, Any]:
    properties = {
        "template": {"type": "string", "enum": [template]},
        "to": {"type": "string", "format": "email", "maxLength": MAX_EMAIL_LENGTH},
        **more,
    }
    return _closed(properties) | {"title": template}


def _context(template: EmailTemplate) -> dict[str, Any]:
    return _closed({name: _placeholder(name) for name in template.placeholders})


def _placeholder(name: str) -> dict[str, Any]:
    if name == LINK:
        return {"type": "string", "format": "uri", "maxLength": MAX_TEXT_LENGTH}
    longest = MAX_TEXT_LENGTH if name in MULTILINE else MAX_LINE_LENGTH
    return {"type": "string", "minLength": 1, "maxLength": longest}


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
