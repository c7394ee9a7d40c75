"""What ops do for a person: change the phone, end sessions, lift a lock, show it in full."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts import sessions
from accounts.models import SecurityEvent, User
from api.fields import parse_phone
from integrations import redact
from otp import tries
from otp.limits import is_locked
from otp.models import Challenge
from solarium.admin.acting import ReasonForm, act, page, record, require, require_admin
from solarium.admin.records import REVEAL
from solarium.fresh_login import needs_fresh_login

PHONE_TAKEN = "An account has this number already."


class PhoneForm(ReasonForm):
    """A new number, and why."""

    phone = forms.CharField(
        label="New phone",
        max_length=24,
        help_text="Any common spelling. All sessions of the account end.",
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "inputmode": "tel"}),
    )
    field_order = ("phone", "reason")

    def clean_phone(self) -> str:
        phone = parse_phone(self.cleaned_data["phone"])
        if phone is None:
            raise ValidationError("This is not a valid mobile number of an allowed country.")
        if User.objects.filter(phone=phone).exists():
            raise ValidationError(PHONE_TAKEN)
        return phone


@needs_fresh_login
def change_phone(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """Give an account another phone: ADMIN only, with a reason; its sessions end (S10)."""
    require_admin(request, "accounts.change_user")
    user = get_object_or_404(User, pk=pk)

    def do(given: dict[str, Any]) -> str:
        before = user.phone or ""
        with transaction.atomic():
            user.phone = given["phone"]
            try:
                user.save(update_fields=["phone"])
            except IntegrityError as err:  # taken since the form looked
                raise ValidationError(PHONE_TAKEN) from err
            ended = sessions.end_everything(user=user, now=timezone.now())
            record(
                request,
                SecurityEvent.Kind.ACCOUNT_CHANGED,
                subject=given["phone"],
                detail=f"phone of {user.pk} changed from {before or 'none'}: {given['reason']}",
            )
        return f"The phone is changed; {ended} sessions ended."

    return act(
        request,
        title="Change phone",
        text=f"{user}. Codes go to the new number from now on.",
        button="Change phone",
        form=PhoneForm,
        do=do,
        back=reverse("admin:accounts_user_change", args=[pk]),
    )


@needs_fresh_login
def end_sessions(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """Log an account out everywhere."""
    require(request, "accounts.change_user")
    user = get_object_or_404(User, pk=pk)

    def do(given: dict[str, Any]) -> str:
        with transaction.atomic():
            ended = sessions.end_everything(user=user, now=timezone.now())
            record(
                request,
                SecurityEvent.Kind.SESSIONS_ENDED,
                subject=user.phone or user.email or "",
                detail=f"{ended} of {user.pk}: {given['reason']}",
            )
        return f"{ended} sessions ended."

    return act(
        request,
        title="End all sessions",
        text=f"{user} has to log in again in every app.",
        button="End all sessions",
        do=do,
        back=reverse("admin:accounts_user_change", args=[pk]),
    )


@needs_fresh_login
def lift_lock(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """Let a phone that is locked by wrong codes in a row try again."""
    require(request, "otp.change_phone")
    phone = get_object_or_404(Challenge.objects.select_related("phone"), pk=pk).phone
    installs = sum(map(is_locked, phone.installs.values_list("wrong_in_a_row", flat=True)))

    def do(given: dict[str, Any]) -> str:
        with transaction.atomic():
            tries.lift_lock(phone.pk)
            record(
                request,
                SecurityEvent.Kind.LOCK_LIFTED,
                subject=phone.pk,
                detail=f"after {phone.wrong_in_a_row} wrong codes in a row: {given['reason']}",
            )
        return "The lock is lifted. The limits of an hour and a day go on."

    return act(
        request,
        title="Lift lock",
        text=f"{redact.mask_phone(phone.pk)}: {phone.wrong_in_a_row} wrong codes in a row, "
        f"{'locked' if is_locked(phone.wrong_in_a_row) else 'not locked'}; "
        f"{installs} installs of it are locked. Be sure who asks: somebody guessed at its codes.",
        button="Lift lock",
        do=do,
        back=reverse("admin:otp_challenge_change", args=[pk]),
    )


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
