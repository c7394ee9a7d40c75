"""The page behind a reset link: opening it uses nothing up, its form does."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_protect

from accounts import password_reset
from accounts.forms import NewPasswordForm
from accounts.reset_links import find_user
from accounts.validators import MIN_LENGTH, MIN_LENGTH_ADMIN
from api import problems
from api.problems import Problem

METHODS = ("GET", "HEAD", "POST")


@method_decorator(csrf_protect, name="dispatch")
class ResetPageView(View):
    """``GET`` shows the form, ``POST`` sets the password."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in METHODS:
            refused = problems.problem_response(problems.known("method_not_allowed"))
            refused["Allow"] = ", ".join(METHODS)
            return refused
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, uid: str, token: str) -> HttpResponse:
        try:
            find_user(uid=uid, token=token)
        except Problem as err:
            return _page(request, state="invalid", problem=err)
        return _page(request, state="form", form=NewPasswordForm())

    def post(self, request: HttpRequest, uid: str, token: str) -> HttpResponse:
        form = NewPasswordForm(request.POST)
        try:
            # First: a form about a dead link only wastes the reader's time.
            find_user(uid=uid, token=token)
            if not form.is_valid():
                return _page(request, state="form", form=form)
            password_reset.set_password(
                uid=uid, token=token, new_password=form.cleaned_data["new_password"]
            )
        except Problem as err:
            return _page(request, state="invalid", problem=err)
        except ValidationError as err:
            form.add_error("new_password", err)
            return _page(request, state="form", form=form)
        return _page(request, state="done")


def _page(
    request: HttpRequest,
    *,
    state: str,
    form: NewPasswordForm | None = None,
    problem: Problem | None = None,
) -> HttpResponse:
    nonce = secrets.token_urlsafe(16)
    status = 400 if problem or (form is not None and form.errors) else 200
    response = render(
        request,
        "accounts/password_reset.html",
        {
            "state": state,
            "form": form,
            "problem": problem.text if problem else "",
            "nonce": nonce,
            "min_length": MIN_LENGTH,
            "min_length_admin": MIN_LENGTH_ADMIN,
        },
        status=status,
    )
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    return response
