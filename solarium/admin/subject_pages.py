"""The subject timeline, and showing a masked number in full."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.models import SecurityEvent, User
from otp.models import Challenge
from solarium.admin import timeline as timelines
from solarium.admin import timeline_subjects as subjects
from solarium.admin.acting import ReasonForm, page, record, require
from solarium.admin.records import REVEAL
from solarium.fresh_login import needs_fresh_login


class SubjectForm(forms.Form):
    """Sent by POST: a number in a URL would stand in the logs of every proxy."""

    subject = forms.CharField(
        label="Phone, email or document id",
        max_length=254,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "autofocus": True}),
    )


def timeline(request: HttpRequest) -> HttpResponse:
    """``POST subject=``, or ``GET ?account=`` or ``?document=`` with an id."""
    require(request, "integrations.view_gatewaycall")
    form = SubjectForm(request.POST if request.method == "POST" else None)
    subject: subjects.Subject | None = None
    if form.is_bound and form.is_valid():
        subject = subjects.subject_of_text(form.cleaned_data["subject"])
        if subject is None:
            form.add_error("subject", "This is no phone, address or known document id.")
        else:
            form = SubjectForm()  # the number need not stand on the page
    for name, find in (
        ("account", subjects.subject_of_account),
        ("document", subjects.subject_of_document),
    ):
        if name in request.GET and not form.is_bound:
            subject = _found(find, request.GET[name])
    return _show(request, subject, form)


def timeline_of(request: HttpRequest, *, fingerprint: str) -> HttpResponse:
    """The timeline behind a row, by the fingerprint that stands in it."""
    require(request, "integrations.view_gatewaycall")
    subject = subjects.subject_of_fingerprint(fingerprint)
    if subject is None:
        raise Http404
    return _show(request, subject, SubjectForm())


@needs_fresh_login
def reveal(request: HttpRequest, *, kind: str, pk: UUID) -> HttpResponse:
    """Show the full phone and address of one account or code, for a reason, and record it."""
    require(request, REVEAL)
    values, back = _values(kind, pk)
    form = ReasonForm(request.POST or None)
    shown: list[str] = []
    if request.method == "POST" and form.is_valid():
        # One event per value, so that each is found by its own fingerprint. Recorded before shown.
        for value in values:
            record(
                request,
                SecurityEvent.Kind.PERSONAL_DATA_REVEALED,
                subject=value,
                detail=f"{kind} {pk}: {form.cleaned_data['reason']}",
            )
        shown = values
    return page(
        request,
        template="admin/act.html",
        title="Show in full",
        text="Your reason is kept, with your name.",
        button="Show in full",
        form=form,
        shown=shown,
        back=back,
    )


def _values(kind: str, pk: UUID) -> tuple[list[str], str]:
    if kind == "challenge":
        challenge = get_object_or_404(Challenge, pk=pk)
        return [challenge.phone_id], reverse("admin:otp_challenge_change", args=[pk])
    if kind == "account":
        user = get_object_or_404(User, pk=pk)
        back = reverse("admin:accounts_user_change", args=[pk])
        return [value for value in (user.phone, user.email) if value], back
    raise Http404


def _found(find: Any, text: str) -> subjects.Subject:
    try:
        subject: subjects.Subject | None = find(UUID(text))
    except ValueError as err:
        raise Http404 from err
    if subject is None:
        raise Http404
    return subject


def _show(
    request: HttpRequest, subject: subjects.Subject | None, form: SubjectForm
) -> HttpResponse:
    return page(
        request,
        template="admin/timeline.html",
        title="Subject timeline",
        subject=subject,
        entries=timelines.entries(subject) if subject else [],
        form=form,
        may_reveal=request.user.has_perm(REVEAL),
    )
