"""Codes: no code, no digest, no full number."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.decorators import action

from integrations import redact
from otp.models import Challenge
from solarium.admin.filters import AppFilter, MomentFilter
from solarium.admin.records import RecordAdmin, normalised
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
        "created_at",
        "accepted_at",
        "expires_at",
        "verified_at",
        "failed_at",
    )
    readonly_fields = ("masked_phone",)
    list_display = ("created_at", "masked_phone", "app", "stage", "attempts", "verified_at")
    list_filter = (AppFilter, "state", ("created_at", MomentFilter))
    search_exact = ("id",)
    search_help_text = "Full phone, or challenge id"
    ordering = ("-created_at", "-id")
    actions_detail: ClassVar = ["timeline", "reveal"]

    def lookups(self, text: str) -> list[dict[str, Any]]:
        phone = normalised(text)
        return [{"phone_id": phone}] if phone else super().lookups(text)

    @admin.display(description="Phone")
    def masked_phone(self, challenge: Challenge) -> str:
        return redact.mask_phone(challenge.phone_id)

    @admin.display(description="State")
    def stage(self, challenge: Challenge) -> SafeString:
        return label(challenge.state)

    @action(description="Timeline", icon="timeline")  # type: ignore[untyped-decorator]
    def timeline(self, request: HttpRequest, object_id: str) -> HttpResponse:
        phone = Challenge.objects.values_list("phone_id", flat=True).get(pk=object_id)
        return redirect(reverse("admin:timeline_of", args=[redact.fingerprint(phone)]))

    @action(  # type: ignore[untyped-decorator]
        description="Show in full", permissions=["reveal"], icon="visibility"
    )
    def reveal(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect(reverse("admin:reveal", args=["challenge", object_id]))
