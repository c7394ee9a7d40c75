"""A second login before an act: whoever finds an open browser can look, but not act (S59)."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.signals import user_logged_in
from django.contrib.auth.views import redirect_to_login
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

_LOGGED_IN_AT = "logged_in_at"


@receiver(user_logged_in)
def _note_login(*, request: HttpRequest, **kwargs: Any) -> None:
    request.session[_LOGGED_IN_AT] = time.time()


def needs_fresh_login(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let the view act within ``ADMIN_ACT_SECONDS`` of the login; after it, log in again first.

    What was typed is not kept: the page comes back empty after the login.
    """

    @functools.wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        age = time.time() - request.session.get(_LOGGED_IN_AT, 0.0)
        if 0 <= age <= settings.ADMIN_ACT_SECONDS:
            return view(request, *args, **kwargs)
        auth.logout(request)
        return redirect_to_login(request.get_full_path(), reverse("admin:login"))

    return checked
