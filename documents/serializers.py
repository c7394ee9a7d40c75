"""What comes in: query strings and the body of a reference."""

# ruff: noqa: N815  # the fields are spelled as the contract spells them
from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.fields import StrictSerializer, TextField, UUIDField
from api.queries import PageQuery, PositiveNumberField
from documents.models import DocType, Kind, State
from documents.naming import EXTENSIONS, MAX_FILE_NAME_LENGTH, clean_file_name, default_file_name

REFERENCE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
REFERENCE_ID_RULE = "Use 1 to 64 letters, digits, - or _."
REFERENCE_ID_SCHEMA = {"type": "string", "pattern": f"^{REFERENCE_ID.pattern}$"}
DEFAULT_CONTENT_TYPE = "application/pdf"


@extend_schema_field(REFERENCE_ID_SCHEMA)
class ReferenceIdField(TextField):
    """1-64 of ASCII letters, digits, ``-``, ``_``."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not REFERENCE_ID.fullmatch(text):
            raise serializers.ValidationError(REFERENCE_ID_RULE, code="invalid")
        return text


class FileNameField(TextField):
    """A display name, cleaned."""

    def to_internal_value(self, data: Any) -> str:
        name = clean_file_name(super().to_internal_value(data))
        if name is None:
            raise serializers.ValidationError(
                f"Use letters, digits, spaces and -_.() only, at most {MAX_FILE_NAME_LENGTH} "
                "characters, and no dot at the beginning.",
                code="invalid",
            )
        return name


@extend_schema_field({"type": "string", "pattern": "^[0-9a-fA-F]{64}$"})
class SHA256Field(TextField):
    """64 hexadecimal digits; the value is lower case."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not re.fullmatch(r"[0-9a-fA-F]{64}", text):
            raise serializers.ValidationError("Must be 64 hexadecimal digits.", code="invalid")
        return text.lower()


class UploadQuery(serializers.Serializer[Any]):
    """The query of an upload SAS."""

    docType = serializers.ChoiceField(choices=DocType.choices)
    referenceId = ReferenceIdField(required=False, trim_whitespace=False)
    fileName = FileNameField(required=False, trim_whitespace=False)
    contentType = serializers.ChoiceField(choices=sorted(EXTENSIONS), default=DEFAULT_CONTENT_TYPE)
    size = PositiveNumberField(required=False, trim_whitespace=False)
    sha256 = SHA256Field(required=False, trim_whitespace=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["docType"] != DocType.KYC and "referenceId" not in attrs:
            raise serializers.ValidationError(
                {"referenceId": serializers.ErrorDetail("Required here.", code="required")}
            )
        allowed = settings.DOCUMENT_MAX_BYTES[attrs["contentType"]]
        if attrs.get("size", 0) > allowed:
            raise serializers.ValidationError(
                {
                    "size": serializers.ErrorDetail(
                        f"At most {allowed} bytes for this type.", code="max_value"
                    )
                }
            )
        attrs.setdefault("fileName", default_file_name(content_type=attrs["contentType"]))
        return attrs


class DownloadQuery(serializers.Serializer[Any]):
    """The query of a download SAS."""

    documentId = UUIDField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        given: Mapping[str, Any] = self.initial_data
        if "docType" in given:
            raise serializers.ValidationError(
                {
                    "docType": serializers.ErrorDetail(
                        "Give either docType or documentId.", code="ambiguous"
                    )
                }
            )
        return attrs


class SASQuery(UploadQuery):
    """Both forms together, for the API's description only."""

    docType = serializers.ChoiceField(choices=DocType.choices, required=False)
    documentId = UUIDField(required=False)


class DocumentsQuery(PageQuery):
    """The query of the list of documents."""

    docType = serializers.ChoiceField(choices=DocType.choices, required=False)
    referenceId = ReferenceIdField(required=False, trim_whitespace=False)
    state = serializers.ChoiceField(choices=State.choices, required=False)


class ReferenceBody(StrictSerializer):
    """The body of a reference; each person a user id or a phone in E.164, or null."""

    kind = serializers.ChoiceField(choices=Kind.choices)
    customer = TextField(required=False, allow_null=True, max_length=64)
    channelPartner = TextField(required=False, allow_null=True, max_length=64)
    kam = TextField(required=False, allow_null=True, max_length=64)


class FilingBody(StrictSerializer):
    """The form by which staff hands in a quotation; the PDF's own name is what people see."""

    file = serializers.FileField(allow_empty_file=True)
    docType = serializers.ChoiceField(choices=[DocType.QUOTATION.value])
    referenceId = ReferenceIdField(trim_whitespace=False)

    def validate_file(self, file: UploadedFile[bytes]) -> UploadedFile[bytes]:
        file.name = FileNameField(trim_whitespace=False).run_validation(file.name)
        return file
