"""How answers about documents look in the OpenAPI description."""

# ruff: noqa: N815  # the fields are spelled as the contract spells them
from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from api.openapi import Answer, MomentField, PageAnswer
from documents.models import DocType, Kind, RejectedReason, State
from documents.naming import EXTENSIONS
from documents.serializers import REFERENCE_ID_SCHEMA

REFERENCE_ID = OpenApiParameter(
    "reference_id",
    REFERENCE_ID_SCHEMA,
    OpenApiParameter.PATH,
)


class SASAnswer(Answer):
    documentId = serializers.UUIDField()
    sasUrl = serializers.URLField()
    method = serializers.ChoiceField(choices=("GET", "PUT"))
    headers = serializers.DictField(child=serializers.CharField())
    path = serializers.CharField()
    expiresAt = MomentField()


class DocumentItem(serializers.Serializer[Any]):
    """``size`` in bytes; it and ``sha256`` are those of what is served."""

    id = serializers.UUIDField()
    docType = serializers.ChoiceField(choices=DocType.values)
    referenceId = serializers.CharField(allow_null=True)
    fileName = serializers.CharField()
    contentType = serializers.ChoiceField(choices=sorted(EXTENSIONS))
    size = serializers.IntegerField(allow_null=True, min_value=0)
    sha256 = serializers.CharField(allow_null=True)
    state = serializers.ChoiceField(choices=State.values)
    createdAt = MomentField()
    path = serializers.CharField()
    reason = serializers.ChoiceField(choices=RejectedReason.values, required=False)


class DocumentAnswer(Answer):
    document = DocumentItem()


class DocumentsAnswer(PageAnswer):
    documents = DocumentItem(many=True)


class ReferenceItem(serializers.Serializer[Any]):
    """People as user ids."""

    id = serializers.CharField()
    kind = serializers.ChoiceField(choices=Kind.values)
    customer = serializers.UUIDField(allow_null=True)
    channelPartner = serializers.UUIDField(allow_null=True)
    kam = serializers.UUIDField(allow_null=True)
    createdAt = MomentField()
    updatedAt = MomentField()


class ReferenceAnswer(Answer):
    reference = ReferenceItem()


class ReferencesAnswer(PageAnswer):
    references = ReferenceItem(many=True)
