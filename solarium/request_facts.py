"""Who asks for what, as far as it is known by now; for log lines, so it never asks the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

_current: ContextVar[HttpRequest | None] = ContextVar("current_request", default=None)


@contextmanager
def bound(request: HttpRequest) -> Iterator[None]:
    """Make a request the current one of this thread."""
    token = _current.set(request)
    try:
        yield
    finally:
        _current.reset(token)


def current() -> HttpRequest | None:
    """Return the request under way; None in a command and at the start."""
    return _current.get()


def route(request: HttpRequest) -> str:
    """Return the pattern, not the path: paths may hold reset tokens. Empty for unknown paths."""
    match = request.resolver_match
    return "" if match is None or match.url_name == "unknown" else match.route


def without_path(text: str) -> str:
    """Return the text with the pattern in the place of the path of the request under way."""
    request = current()
    return text if request is None else text.replace(request.path, f"/{route(request)}")


def user_id(request: HttpRequest) -> str:
    """Return the id of the account whose token or session was proved; empty for a stranger."""
    # The admin's user is looked up when somebody asks for it, and cached then; the API's is set
    # once its token was proved.
    user = getattr(request, "_cached_user", None) or getattr(request, "user", None)
    if user is None or isinstance(user, SimpleLazyObject):
        return ""
    return str(user.pk or "")
