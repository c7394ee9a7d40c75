"""Accounts, and what happened to them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from unfold.decorators import action

from accounts import sessions
from accounts.models import SecurityEvent, User
from solarium.admin.acting import record
from solarium.admin.filters import MomentFilter
from solarium.admin.links import LinksOfPerson
from solarium.admin.records import RecordAdmin, mask, normalized
from solarium.labels import label

# Whoever could set these could make himself anything.
SUPERUSER_ONLY = ("role", "name", "email", "is_staff", "groups")


@admin.register(User)
class UserAdmin(RecordAdmin):
    """Accounts without passwords: an admin may start a reset, not set one (S32).

    Whoever may change accounts may disable one and end its sessions; a phone is changed on a page
    of its own, with a reason (S10). The rest is for superusers and `create_user`.
    """

    list_display = ("created_at", "role", "name", "masked_phone", "masked_email", "active", "staff")
    list_display_links = ("created_at", "name")
    list_filter = ("role", "is_active", "is_staff")
    search_exact = ("id",)
    search_help_text = "Full phone or email, or account id"
    filter_horizontal: ClassVar = ["groups"]
    fields = (
        "id",
        "role",
        "name",
        "masked_phone",
        "masked_email",
        "email",
        "is_active",
        "is_staff",
        "groups",
        "last_login",
        "created_at",
    )
    readonly_fields = ("id", "masked_phone", "masked_email", "last_login", "created_at")
    actions_detail: ClassVar = ["timeline", "reveal", "change_phone", "end_sessions"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("accounts.change_user"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        extra = () if request.user.is_superuser else SUPERUSER_ONLY
        return (*self.readonly_fields, *extra)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        hidden = "masked_email" if request.user.is_superuser else "email"
        return tuple(name for name in self.fields if name != hidden)

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        # What is only shown comes with no form, and a POST without one would not be valid.
        return [] if request.method == "POST" else [LinksOfPerson]

    def lookups(self, text: str) -> list[dict[str, Any]]:
        subject = normalized(text)
        if subject:
            return [{"email" if "@" in subject else "phone": subject}]
        return super().lookups(text)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            answer: HttpResponse = super().changeform_view(request, *args, **kwargs)
        except IntegrityError:  # taken since the form looked
            messages.error(request, "An account has this email already. Nothing was changed.")
            return redirect(request.path)
        return answer

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save, and keep which fields were changed by whom."""
        super().save_model(request, obj, form, change)
        record(
            request,
            SecurityEvent.Kind.ACCOUNT_CHANGED,
            subject=obj.phone or obj.email or "",
            detail=f"account {obj.pk}: " + ", ".join(form.changed_data),
        )
        if not obj.is_active:
            sessions.end_everything(user=obj, now=timezone.now())

    @admin.display(description="Phone")
    def masked_phone(self, user: User) -> str:
        return mask(user, "phone") or "–"

    @admin.display(description="Email")
    def masked_email(self, user: User) -> str:
        return mask(user, "email") or "–"

    @admin.display(description="Active", boolean=True)
    def active(self, user: User) -> bool:
        return user.is_active

    @admin.display(description="Admin", boolean=True)
    def staff(self, user: User) -> bool:
        return user.is_staff

    @action(description="Timeline", icon="timeline")  # type: ignore[untyped-decorator]
    def timeline(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect(f"{reverse('admin:timeline')}?account={object_id}")

    @action(  # type: ignore[untyped-decorator]
        description="Show in full", permissions=["reveal"], icon="visibility"
    )
    def reveal(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect(reverse("admin:reveal", args=["account", object_id]))

    @action(  # type: ignore[untyped-decorator]
        description="Change phone", permissions=["change"], icon="call"
    )
    def change_phone(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect(reverse("admin:change_phone", args=[object_id]))

    @action(  # type: ignore[untyped-decorator]
        description="End all sessions", permissions=["change"], icon="logout"
    )
    def end_sessions(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect(reverse("admin:end_sessions", args=[object_id]))


@admin.register(SecurityEvent)
class SecurityEventAdmin(RecordAdmin):
    """Who did what to whom: insert-only (S57)."""

    list_display = ("at", "kind", "ended", "subject_masked", "client_address", "short_detail")
    list_filter = ("kind", "result", ("at", MomentFilter))
    search_exact = ("correlation_id", "actor_id", "client_address")
    search_fingerprint = "subject_fingerprint"
    search_help_text = "Full phone or email, account id, address, correlation id"
    exclude = ("subject_fingerprint",)
    ordering = ("-at", "-id")

    @admin.display(description="Result")
    def ended(self, event: SecurityEvent) -> SafeString:
        return label(event.result)

    @admin.display(description="Detail")
    def short_detail(self, event: SecurityEvent) -> str:
        return Truncator(event.detail).chars(80)
