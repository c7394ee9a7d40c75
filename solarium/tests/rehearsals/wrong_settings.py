"""A backend that finds words of its own for a failure, to see that a rehearsal notices."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from solarium.tests.short_settings import *  # noqa: F403
from solarium.tests.short_settings import MIDDLEWARE

MIDDLEWARE = [f"{__name__}.find_other_words", *MIDDLEWARE]


def find_other_words(
    answer: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Say less than the contract does."""

    def answer_otherwise(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        if response.status_code == 503:
            response.content = response.content.replace(b"Please try again.", b"Sorry.")
            response["Content-Length"] = str(len(response.content))
        return response

    return answer_otherwise
