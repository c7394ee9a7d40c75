"""Reading bodies. Imports little: DRF's own views load this file by name."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from rest_framework.exceptions import ErrorDetail, ParseError, ValidationError
from rest_framework.parsers import JSONParser, MultiPartParser


class StrictJSONParser(JSONParser):
    """JSON whose nesting cannot exhaust the stack, and whose top is an object."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            parsed = super().parse(stream, media_type, parser_context)
        except RecursionError as err:
            raise ParseError from err
        if not isinstance(parsed, dict):
            raise ValidationError("The body must be a JSON object.")
        return parsed


class StrictFormParser(MultiPartParser):
    """A form with files, as a dict: each field once, as a string or a file."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            parsed = super().parse(stream, media_type, parser_context)
        except RequestDataTooBig:
            raise
        except SuspiciousOperation as err:  # hundreds of fields or files
            raise ParseError from err
        except (UnicodeError, LookupError) as err:  # a charset that reads no names
            raise ParseError from err
        fields: dict[str, Any] = {}
        for name, values in (*parsed.data.lists(), *parsed.files.lists()):
            if name in fields or len(values) > 1:
                raise ValidationError({name[:64]: ErrorDetail("Given twice.", code="repeated")})
            fields[name] = values[0]
        return fields
