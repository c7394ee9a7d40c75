"""What became of messages, and the addresses that get no more mail."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action

from integrations.models import DeliveryEvent, Suppression
from solarium.admin.filters import FixedFilter, MomentFilter, ReporterFilter
from solarium.admin.records import RecordAdmin
from solarium.labels import label

LIFT = "integrations.delete_suppression"


class SuppressionKindFilter(FixedFilter):
    title = parameter_name = "kind"
    values = ("bounce", "dropped", "spamreport")


@admin.register(DeliveryEvent)
class DeliveryEventAdmin(RecordAdmin):
    """The reports of the providers, each once."""

    list_display = ("received_at", "provider", "stage", "kind", "recipient", "reason", "at")
    list_filter = (ReporterFilter, "state", ("received_at", MomentFilter))
    search_exact = ("call_id", "event_id")
    search_fingerprint = "recipient_fingerprint"
    search_help_text = "Full phone or email, id of the call, or the provider's id of the event"
    ordering = ("-received_at", "-id")
    fields = (
        "provider",
        "state",
        "kind",
        "reason",
        "recipient_masked",
        "call",
        "event_id",
        "at",
        "received_at",
    )
    readonly_fields = ("call",)
    actions_detail: ClassVar = ["timeline"]

    @admin.display(description="State")
    def stage(self, event: DeliveryEvent) -> SafeString:
        return label(event.state)

    @admin.display(description="Recipient")
    def recipient(self, event: DeliveryEvent) -> str:
        return event.recipient_masked

    @admin.display(description="Call")
    def call(self, event: DeliveryEvent) -> SafeString | str:
        if event.call_id is None:
            return "none of ours"
        url = reverse("admin:integrations_gatewaycall_change", args=[event.call_id])
        return format_html('<a class="so-link" href="{}">{}</a>', url, event.call_id)

    @action(description="Timeline", icon="timeline")  # type: ignore[untyped-decorator]
    def timeline(self, request: HttpRequest, object_id: str) -> HttpResponse:
        event = self.get_record(request, object_id)
        return redirect(reverse("admin:timeline_of", args=[event.recipient_fingerprint]))


@admin.register(Suppression)
class SuppressionAdmin(RecordAdmin):
    """Mail to these addresses is refused before it is sent; ops lift that one by one."""

    list_display = ("since", "address_masked", "kind", "reason")
    list_filter = (SuppressionKindFilter, ("since", MomentFilter))
    search_fingerprint = "address_fingerprint"
    search_help_text = "Full email"
    ordering = ("-since", "address_fingerprint")
    exclude = ("address_fingerprint",)
    actions_detail: ClassVar = ["lift"]

    def has_lift_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the person may let mail out again."""
        return request.user.has_perm(LIFT)

    @action(  # type: ignore[untyped-decorator]
        description="Lift suppression", permissions=["lift"], icon="lock_open"
    )
    def lift(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect(reverse("admin:lift_suppression", args=[object_id]))
