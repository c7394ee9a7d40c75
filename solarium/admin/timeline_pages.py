"""The pages of the subject timeline."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from unfold.widgets import UnfoldAdminTextInputWidget

from solarium.admin import timeline as timelines
from solarium.admin import timeline_subjects as subjects
from solarium.admin.acting import page, require
from solarium.admin.records import REVEAL


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
