"""Codes: no code, no digest, no full number."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.decorators import action

from integrations import redact
from otp.limits import is_locked
from otp.models import Challenge
from otp.presenting import furthest_state
from solarium.admin.filters import AppFilter, MomentFilter
from solarium.admin.records import RecordAdmin, normalized
from solarium.labels import label


@admin.register(Challenge)
class ChallengeAdmin(RecordAdmin):
    """One row a code."""

    fields = (
        "id",
        "masked_phone",
        "app",
        "state",
        "attempts",
        "wrong_in_a_row",
        "created_at",
        "accepted_at",
        "expires_at",
        "undelivered_at",
        "undelivered_reason",
        "delivered_at",
        "verified_at",
        "failed_at",
    )
    readonly_fields = ("masked_phone", "wrong_in_a_row")
    list_display = (
        "created_at",
        "masked_phone",
        "app",
        "stage",
        "attempts",
        "delivered_at",
        "verified_at",
    )
    list_filter = (AppFilter, "state", ("created_at", MomentFilter))
    search_exact = ("id",)
    search_help_text = "Full phone, or challenge id"
    ordering = ("-created_at", "-id")
    actions_detail: ClassVar = ["timeline", "reveal", "lift_lock"]

    def lookups(self, text: str) -> list[dict[str, Any]]:
        phone = normalized(text)
        return [{"phone_id": phone}] if phone else super().lookups(text)

    @admin.display(description="Phone")
    def masked_phone(self, challenge: Challenge) -> str:
        return redact.mask_phone(challenge.phone_id)

    @admin.display(description="State")
    def stage(self, challenge: Challenge) -> SafeString:
        return label(furthest_state(challenge, now=timezone.now()))

    @admin.display(description="Wrong codes in a row of the phone")
    def wrong_in_a_row(self, challenge: Challenge) -> str:
        count = challenge.phone.wrong_in_a_row
        return f"{count}, locked" if is_locked(count) else str(count)

    def has_lift_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the person may lift a phone's lock."""
        return request.user.has_perm("otp.change_phone")

    @action(description="Timeline", icon="timeline")  # type: ignore[untyped-decorator]
    def timeline(self, request: HttpRequest, object_id: str) -> HttpResponse:
        phone = self.get_record(request, object_id).phone_id
        return redirect(reverse("admin:timeline_of", args=[redact.fingerprint(phone)]))

    @action(  # type: ignore[untyped-decorator]
        description="Show in full", permissions=["reveal"], icon="visibility"
    )
    def reveal(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect(reverse("admin:reveal", args=["challenge", object_id]))

    @action(  # type: ignore[untyped-decorator]
        description="Lift lock", permissions=["lift"], icon="lock_open"
    )
    def lift_lock(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect(reverse("admin:lift_lock", args=[object_id]))
