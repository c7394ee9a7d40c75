"""What ops do about a provider: see an alert, lift a suppression, switch it off and on."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.models import NO_CONTROL_CHARACTERS, User
from integrations import conf, gateways, suppressions
from integrations.models import SWITCH_TEXT_LENGTH, Alert, ProviderSwitch, Suppression
from solarium.admin.acting import act, mark_seen, page, require
from solarium.fresh_login import needs_fresh_login


class SwitchOffForm(forms.Form):
    """What people read meanwhile."""

    text = forms.CharField(
        label="Text for users",
        min_length=10,
        max_length=SWITCH_TEXT_LENGTH,
        validators=[NO_CONTROL_CHARACTERS],
        help_text="One line; it stands in the answer of every refused call.",
        widget=UnfoldAdminTextInputWidget(),
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
        form=forms.Form,
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

    return act(
        request,
        title=f"Switch {provider} {'on' if is_off else 'off'}",
        text="Calls go out again." if is_off else "Every call will be refused with 503 at once.",
        button="Switch on" if is_off else "Switch off",
        form=forms.Form if is_off else SwitchOffForm,
        do=on if is_off else off,
        back=reverse("admin:provider_switches"),
    )
