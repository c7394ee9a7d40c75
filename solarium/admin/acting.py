"""Acting on something: a page that asks for a reason, does it by POST, and records who did it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts import security_events
from accounts.models import SecurityEvent, User
from accounts.roles import Role
from api.address import client_address
from integrations import gateways
from integrations.models import Alert

REASON_LENGTH = 200


class ReasonForm(forms.Form):
    """Why: it stands in the security event, where others will read it."""

    reason = forms.CharField(
        min_length=5,
        max_length=REASON_LENGTH,
        help_text="Kept with your name. A ticket number is best; no phone, no address.",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )


def record(request: HttpRequest, kind: SecurityEvent.Kind, *, subject: str, detail: str) -> None:
    """Record what the person at the admin did; ``subject``: the phone or address it was done to."""
    security_events.record(
        kind=kind,
        result=SecurityEvent.Result.OK,
        actor_id=cast(User, request.user).pk,
        subject=subject,
        client_address=client_address(request),
        detail=detail,
    )


def mark_seen(request: HttpRequest, alert: Alert) -> bool:
    """Note who looks after an alert; false where somebody does already.

    `gateways` tells accounts/receivers.py, which records it.
    """
    actor = cast(User, request.user)
    return gateways.mark_alert_seen(
        alert_id=alert.pk, by=actor.name or str(actor.pk), actor_id=actor.pk
    )


def require(request: HttpRequest, permission: str) -> None:
    """
    Raises:
        PermissionDenied: The person may look but not do this; the answer to it is recorded (S58).
    """
    if not request.user.has_perm(permission):
        raise PermissionDenied


def may_as_admin(request: HttpRequest, permission: str) -> bool:
    """Whether the person is ADMIN and may do this: the permission alone has others, too."""
    return request.user.has_perm(permission) and cast(User, request.user).role == Role.ADMIN


def require_admin(request: HttpRequest, permission: str) -> None:
    """
    Raises:
        PermissionDenied: As `require`, also where the person is not ADMIN.
    """
    if not may_as_admin(request, permission):
        raise PermissionDenied


def page(request: HttpRequest, *, template: str, title: str, **context: Any) -> TemplateResponse:
    """Answer with a page of the admin."""
    return TemplateResponse(
        request, template, {**admin.site.each_context(request), "title": title, **context}
    )


def act(
    request: HttpRequest,
    *,
    title: str,
    text: str,
    button: str,
    do: Callable[[dict[str, Any]], str],
    back: str,
    form: type[forms.Form] = ReasonForm,
) -> HttpResponse:
    """Show a form; once it is good, do it, say what was done, and go back.

    Args:
        do: Gets the form's values, returns the sentence to show; a ``ValidationError`` of it is
            told in the form.
        form: What is asked: only why, unless there is more to say, or nothing.
    """
    asked = form(request.POST if request.method == "POST" else None)
    if asked.is_valid():
        try:
            done = do(asked.cleaned_data)
        except ValidationError as err:
            asked.add_error(None, err)
        else:
            messages.success(request, done)
            return redirect(back)
    return page(
        request,
        template="admin/act.html",
        title=title,
        text=text,
        button=button,
        form=asked,
        back=back,
    )
