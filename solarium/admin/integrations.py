"""Calls, alerts, keys: what `integrations` keeps."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.decorators import action

from integrations.models import Alert, GatewayCall, ProviderKey
from solarium.admin.acting import mark_seen
from solarium.admin.filters import DeliveryFilter, MomentFilter, OperationFilter, ProviderFilter
from solarium.admin.records import RecordAdmin
from solarium.labels import label, ms


@admin.register(GatewayCall)
class GatewayCallAdmin(RecordAdmin):
    """The audit rows of all calls to the providers."""

    list_display = (
        "started_at",
        "provider",
        "operation",
        "ended",
        "arrived",
        "recipient",
        "tries",
        "took",
        "provider_code",
    )
    list_filter = (
        ProviderFilter,
        OperationFilter,
        "outcome",
        "failure",
        DeliveryFilter,
        ("started_at", MomentFilter),
    )
    search_exact = ("correlation_id", "provider_message_id", "id")
    search_fingerprint = "recipient_fingerprint"
    search_help_text = "Full phone or email, correlation id, or the provider's message id"
    ordering = ("-started_at", "-id")
    fields = (
        "id",
        "provider",
        "operation",
        "outcome",
        "failure",
        "provider_code",
        "attempts_table",
        "recipient_masked",
        "provider_message_id",
        "reference",
        "correlation_id",
        "key_fingerprint",
        "started_at",
        "finished_at",
        "delivery",
        "delivery_at",
    )
    readonly_fields = ("attempts_table",)
    actions_detail: ClassVar = ["timeline"]

    @admin.display(description="Outcome")
    def ended(self, call: GatewayCall) -> SafeString:
        return label(call.outcome)

    @admin.display(description="Delivery")
    def arrived(self, call: GatewayCall) -> SafeString:
        return label(call.delivery)

    @admin.display(description="Recipient")
    def recipient(self, call: GatewayCall) -> str:
        return call.recipient_masked

    @admin.display(description="Tries")
    def tries(self, call: GatewayCall) -> int:
        return len(call.attempts)

    @admin.display(description="Took")
    def took(self, call: GatewayCall) -> str:
        if call.finished_at is None:
            return "–"
        return ms((call.finished_at - call.started_at) / timedelta(milliseconds=1))

    @admin.display(description="Attempts")
    def attempts_table(self, call: GatewayCall) -> SafeString:
        return render_to_string("admin/attempts.html", {"attempts": call.attempts})

    @action(description="Timeline", icon="timeline")  # type: ignore[untyped-decorator]
    def timeline(self, request: HttpRequest, object_id: str) -> HttpResponse:
        call = self.get_record(request, object_id)
        return redirect(reverse("admin:timeline_of", args=[call.recipient_fingerprint]))


@admin.register(Alert)
class AlertAdmin(RecordAdmin):
    """Opened and resolved by the system; a person marks that somebody looks after it."""

    list_display = ("opened_at", "provider", "kind", "text", "stage", "seen_by")
    list_filter = (ProviderFilter, "kind", ("opened_at", MomentFilter))
    ordering = ("-opened_at", "-id")
    actions: ClassVar = ("mark_as_seen",)
    actions_detail: ClassVar = ["see"]

    @admin.display(description="State")
    def stage(self, alert: Alert) -> SafeString:
        return label("open" if alert.resolved_at is None else "resolved")

    @admin.action(description="Mark as seen", permissions=["see"])
    def mark_as_seen(self, request: HttpRequest, queryset: QuerySet[Alert]) -> None:
        seen = sum(mark_seen(request, alert) for alert in queryset)
        self.message_user(request, f"{seen} marked as seen.")

    def has_see_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the person may mark alerts."""
        return request.user.has_perm("integrations.change_alert")

    @action(  # type: ignore[untyped-decorator]
        description="Mark as seen", permissions=["see"], icon="check"
    )
    def see(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect(reverse("admin:see_alert", args=[object_id]))


@admin.register(ProviderKey)
class ProviderKeyAdmin(RecordAdmin):
    """Fingerprints and ages; the ciphertext is nobody's business. `rotate_key` changes keys."""

    list_display = (
        "provider",
        "fingerprint",
        "stage",
        "source",
        "created_at",
        "activated_at",
        "last_used_at",
    )
    list_filter = (ProviderFilter, "state")
    ordering = ("provider", "-created_at", "-id")
    exclude = ("ciphertext",)

    @admin.display(description="State")
    def stage(self, key: ProviderKey) -> SafeString:
        return label(key.state)
