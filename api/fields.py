"""Strict fields: the type that stands in the contract, and nothing that only looks like it."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import phonenumbers
from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

MAX_TEXT_LENGTH = 2000
MAX_EMAIL_LENGTH = 254
# The library itself would take Devanagari digits and ";ext=5" (S11).
_PHONE_SPELLING = re.compile(r"\+?[0-9 ()\-]{6,24}")
_MOBILE = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)


def parse_phone(value: str) -> str | None:
    """Return a mobile number of the allowed countries in E.164, else None.

    Args:
        value: Any common spelling: ``"98765 43210"``, ``"09876543210"``, ``"+91-98765-43210"``.
    """
    text = value.strip(" ")
    if not _PHONE_SPELLING.fullmatch(text):
        return None
    countries = settings.PHONE_COUNTRIES
    digits = re.sub(r"[^0-9]", "", text)
    if not text.startswith("+") and len(digits) == 12 and digits.startswith("91"):
        text = "+" + digits
    try:
        number = phonenumbers.parse(text, countries[0])
    except phonenumbers.NumberParseException:
        return None
    if (
        not phonenumbers.is_valid_number(number)
        or phonenumbers.region_code_for_number(number) not in countries
        or phonenumbers.number_type(number) not in _MOBILE
    ):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields that it does not know."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = sorted(str(name)[:64] for name in data if name not in self.fields)
            if unknown:
                raise serializers.ValidationError(
                    {
                        name: serializers.ErrorDetail("Unknown field.", code="unknown_field")
                        for name in unknown
                    }
                )
        return super().to_internal_value(data)


class NoBody(StrictSerializer):
    """A request without input."""


def has_control_characters(text: str) -> bool:
    """Whether it holds what no text of the API may: control characters, lone surrogates."""
    return any(unicodedata.category(character) in ("Cc", "Cs") for character in text)


@extend_schema_field({"type": "string", "pattern": r"^[^\u0000-\u001f\u007f-\u009f]*$"})
class TextField(serializers.CharField):
    """A string, not a number; no control characters, no lone surrogates."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", MAX_TEXT_LENGTH)
        super().__init__(**kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if isinstance(data, str):
            if has_control_characters(data):
                raise serializers.ValidationError(
                    "Control characters are not allowed.", code="control_character"
                )
        elif data is not serializers.empty and data is not None:
            raise serializers.ValidationError("Must be a string.", code="invalid")
        return super().run_validation(data)


@extend_schema_field({"type": "string", "pattern": r"^\s*\+?[0-9 ()\-]{6,24}\s*$"})
class PhoneField(TextField):
    """A mobile number in any common spelling; the value is E.164."""

    def to_internal_value(self, data: Any) -> str:
        phone = parse_phone(super().to_internal_value(data))
        if phone is None:
            raise serializers.ValidationError("Enter a valid mobile number.", code="invalid_phone")
        return phone


class EmailField(serializers.EmailField):
    """An ASCII address, lower-cased: look-alikes of another's address are not that address."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MAX_EMAIL_LENGTH, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data is not serializers.empty and (
            not isinstance(data, str)
            or not data.isascii()
            or any(unicodedata.category(c) == "Cc" for c in data)
        ):
            raise serializers.ValidationError("Enter a valid email address.", code="invalid")
        return super().run_validation(data)

    def to_internal_value(self, data: Any) -> str:
        return super().to_internal_value(data).lower()


class UUIDField(serializers.UUIDField):
    """A UUID in its usual spelling; DRF's own also takes numbers and URNs."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or not re.fullmatch(
            r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", data
        ):
            raise serializers.ValidationError("Must be a valid UUID.", code="invalid")
        return super().to_internal_value(data)
