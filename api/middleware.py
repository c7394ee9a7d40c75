"""Refuses bodies that are too large before anything reads them."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from api import problems

WEBHOOKS = "/integrations/webhooks/"
FILES = "/documents"


class BodyLimitMiddleware:
    """413 for an API body over its `body_limit`; the admin has Django's own limit."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        length = str(request.META.get("CONTENT_LENGTH") or "0")
        most = body_limit(method=str(request.method), path=request.path)
        # Not `str.isdigit`: that also takes digits of which `int` makes no number.
        too_large = not re.fullmatch(r"[0-9]{1,15}", length) or int(length) > most
        if too_large and not request.path.startswith("/admin/"):
            return problems.problem_response(problems.known("payload_too_large"))
        return self.get_response(request)


def body_limit(*, method: str, path: str) -> int:
    """Return how many bytes the body of an API request may have.

    ``MAX_WEBHOOK_BYTES`` where providers report, ``MAX_UPLOAD_BYTES`` where a file is handed in,
    else ``MAX_BODY_BYTES``.
    """
    if path.startswith(WEBHOOKS):
        most = settings.MAX_WEBHOOK_BYTES
    elif (method, path) == ("POST", FILES):
        most = settings.MAX_UPLOAD_BYTES
    else:
        most = settings.MAX_BODY_BYTES
    return int(most)
