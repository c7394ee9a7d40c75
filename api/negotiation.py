"""Which format is spoken. Imports little: DRF's own views load this file by name."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import BaseContentNegotiation, DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer


class AlwaysJSON(BaseContentNegotiation):
    """The API speaks JSON whatever ``Accept`` says; a 406 helps nobody."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        media_type = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == media_type), None)

    def select_renderer(
        self, request: Any, renderers: Any, format_suffix: Any = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type


class PreferredOrFirst(DefaultContentNegotiation):
    """Honors ``Accept`` where it can, and never answers 406."""

    def select_renderer(
        self, request: Any, renderers: Any, format_suffix: Any = None
    ) -> tuple[BaseRenderer, str]:
        try:
            found: tuple[BaseRenderer, str] = super().select_renderer(
                request, renderers, format_suffix
            )
            return found
        except (NotAcceptable, Http404):
            return renderers[0], renderers[0].media_type
