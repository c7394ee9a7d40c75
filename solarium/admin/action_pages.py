"""The pages on which ops act: on an account, an alert, a provider. Each by POST, and recorded."""

from __future__ import annotations

from typing import Any, cast
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
from accounts.models import NO_CONTROL_CHARACTERS, SecurityEvent, User
from api.fields import parse_phone
from integrations import conf, gateways, redact, suppressions
from integrations.models import Alert, ProviderSwitch, Suppression
from otp import tries
from otp.limits import is_locked
from otp.models import Challenge
from solarium.admin.acting import ReasonForm, act, mark_seen, page, record, require, require_admin
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


class SwitchOffForm(forms.Form):
    """What people read meanwhile."""

    text = forms.CharField(
        label="Text for users",
        min_length=10,
        max_length=200,
        validators=[NO_CONTROL_CHARACTERS],
        help_text="One line; it stands in the answer of every refused call.",
        widget=UnfoldAdminTextInputWidget(),
    )


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
        form=PhoneForm(request.POST or None),
        do=do,
        back=reverse("admin:accounts_user_change", args=[pk]),
    )


@needs_fresh_login
def end_sessions(request: HttpRequest, *, pk: UUID) -> HttpResponse:
    """Log an account out everywhere."""
    require(request, "accounts.change_user")
    user = get_object_or_404(User, pk=pk)

    def do(given: dict[str, Any]) -> str:
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
        form=ReasonForm(request.POST or None),
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
        form=ReasonForm(request.POST or None),
        do=do,
        back=reverse("admin:otp_challenge_change", args=[pk]),
    )


def see_alert(request: HttpRequest, *, pk: int) -> HttpResponse:
    """Note that somebody looks after an alert."""
    require(request, "integrations.change_alert")
    alert = get_object_or_404(Alert, pk=pk)

    def do(_: dict[str, Any]) -> str:
        mark_seen(request, alert)
        return "Marked as seen."

    return act(
        request,
        title="Mark as seen",
        text=alert.text,
        button="I look after it",
        form=forms.Form(request.POST if request.method == "POST" else None),
        do=do,
        back=reverse("admin:index"),
    )


@needs_fresh_login
def lift_suppression(request: HttpRequest, *, pk: str) -> HttpResponse:
    """Let mail to an address out again."""
    require(request, "integrations.delete_suppression")
    row = get_object_or_404(Suppression, pk=pk)
    actor = cast(User, request.user)

    # `suppressions` tells accounts/receivers.py, which records it.
    def do(given: dict[str, Any]) -> str:
        suppressions.lift(fingerprint=pk, reason=given["reason"], actor_id=actor.pk)
        return "Mail to this address goes out again."

    return act(
        request,
        title="Lift suppression",
        text=f"{row.address_masked}: {row.kind}, {row.reason or 'no reason given'}. SendGrid keeps "
        "a list of its own: take the address off that first, or the next mail is dropped.",
        button="Lift suppression",
        form=ReasonForm(request.POST or None),
        do=do,
        back=reverse("admin:integrations_suppression_changelist"),
    )


def switches(request: HttpRequest) -> HttpResponse:
    """Which providers are on, which are off, and since when."""
    require(request, "integrations.view_providerswitch")
    off = {row.provider: row for row in ProviderSwitch.objects.all()}
    return page(
        request,
        template="admin/switches.html",
        title="Provider switches",
        providers=[(name, off.get(name)) for name in conf.providers()],
        may_switch=request.user.has_perm("integrations.change_providerswitch"),
    )


@needs_fresh_login
def switch(request: HttpRequest, *, provider: str) -> HttpResponse:
    """Switch a provider off, with a text for users, or on again."""
    require(request, "integrations.change_providerswitch")
    if provider not in conf.providers():
        raise Http404
    is_off = ProviderSwitch.objects.filter(provider=provider).exists()
    if request.method == "POST":
        # What the page meant that was sent: a second click must not undo the first.
        is_off = "text" not in request.POST

    actor = cast(User, request.user)

    # `gateways` tells accounts/receivers.py, which records it.
    def off(given: dict[str, Any]) -> str:
        gateways.switch_off(
            provider=provider, text=given["text"], by=actor.name or str(actor.pk), actor_id=actor.pk
        )
        return f"{provider} is off: calls are refused with your text."

    def on(_: dict[str, Any]) -> str:
        gateways.switch_on(provider=provider, actor_id=actor.pk)
        return f"{provider} is on again."

    form: forms.Form
    if is_off:
        form = forms.Form(request.POST if request.method == "POST" else None)
    else:
        form = SwitchOffForm(request.POST or None)
    return act(
        request,
        title=f"Switch {provider} {'on' if is_off else 'off'}",
        text="Calls go out again." if is_off else "Every call will be refused with 503 at once.",
        button="Switch on" if is_off else "Switch off",
        form=form,
        do=on if is_off else off,
        back=reverse("admin:provider_switches"),
    )
