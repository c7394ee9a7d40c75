"""The API as Schemathesis knows it: our description, and Django in this process."""

from __future__ import annotations

from typing import Any

import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from drf_spectacular.generators import SchemaGenerator
from hypothesis import settings
from schemathesis.checks import CHECKS, load_all_checks

load_all_checks()
# What is well formed may still be refused: no such person, no right, a full mailbox.
EXCLUDED = [CHECKS.get_one("positive_data_acceptance")]


def load(*, invents_tokens: bool) -> Any:
    """Return the API; with ``invents_tokens``, cases bring tokens of their own."""
    api = schemathesis.openapi.from_dict(
        SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    )
    api.app = WSGIHandler()
    generation = api.config.generation
    generation.deterministic = settings.default.derandomize
    generation.max_examples = settings.default.max_examples // 10  # each is a request
    generation.with_security_parameters = invents_tokens
    return api
