"""Query strings: one value per name, and the page of a list."""

from __future__ import annotations

import re
from typing import Any

from django.http import QueryDict
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api import problems
from api.fields import TextField


def single_values(query: QueryDict) -> dict[str, str]:
    """Return a query string as one value per name.

    Raises:
        Problem: 400 for a name that stands twice; which one counts would be anybody's guess.
    """
    for name, values in query.lists():
        if len(values) > 1:
            raise problems.invalid(
                field=name[:64], code="repeated", detail="Give this parameter only once."
            )
    return {name: str(query[name]) for name in query}


@extend_schema_field({"type": "integer", "minimum": 1, "maximum": 10**15 - 1})
class PositiveNumberField(TextField):
    """A whole number from 1 in ASCII digits; DRF's own would also take ``1.0`` and ``١``."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not re.fullmatch(r"[1-9][0-9]{0,14}", text):
            raise serializers.ValidationError("Must be a positive whole number.", code="invalid")
        return text

    def to_representation(self, value: Any) -> Any:
        """Return a default as the description shows it: a number."""
        return value

    def run_validation(self, data: Any = serializers.empty) -> int:
        # Not earlier: the validators of the text look at its length.
        return int(super().run_validation(data))


class PageQuery(serializers.Serializer[Any]):
    """The query of a list."""

    page = PositiveNumberField(default=1, trim_whitespace=False)
