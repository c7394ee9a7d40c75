"""Reading bodies. Imports little: DRF's own views load this file by name."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.parsers import JSONParser


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
