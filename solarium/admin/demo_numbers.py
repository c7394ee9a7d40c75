"""Demo numbers: made and removed by ADMIN, each with a reason, and recorded."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts.models import SecurityEvent, User
from api.fields import parse_phone
from otp import demo_numbers
from otp.models import DEMO_LONGEST, DemoNumber, DemoRole
from solarium.admin.acting import ReasonForm, act, may_as_admin, page, record, require_admin
from solarium.admin.records import RecordAdmin, mask, normalized
from solarium.fresh_login import needs_fresh_login
from solarium.labels import label

MAKE, REMOVE = "otp.add_demonumber", "otp.delete_demonumber"


@admin.register(DemoNumber)
class DemoNumberAdmin(RecordAdmin):
    """The numbers whose code is fixed; the code itself is shown once, to whoever made it."""

    list_display = ("created_at", "masked_phone", "role", "ends_at", "stage")
    fields = ("masked_phone", "role", "ends_at", "made_by", "created_at")
    readonly_fields = ("masked_phone",)
    search_help_text = "Full phone"
    ordering = ("-created_at", "-id")
    actions_list: ClassVar = ["make"]
    actions_detail: ClassVar = ["remove"]

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return ("phone_e164",)

    def lookups(self, text: str) -> list[dict[str, Any]]:
        return [{"phone_e164": normalized(text)}]

    @admin.display(description="Phone")
    def masked_phone(self, number: DemoNumber) -> str:
        return mask(number, "phone_e164")

    @admin.display(description="State")
    def stage(self, number: DemoNumber) -> SafeString:
        return label("active" if number.ends_at > timezone.now() else "over")

    def has_make_permission(self, request: HttpRequest) -> bool:
        """Whether the person may make one."""
        return may_as_admin(request, MAKE)

    def has_remove_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the person may remove one."""
        return may_as_admin(request, REMOVE)

    @action(  # type: ignore[untyped-decorator]
        description="Make a demo number", permissions=["make"], icon="add"
    )
    def make(self, request: HttpRequest) -> HttpResponse:
        return redirect(reverse("admin:make_demo_number"))

    @action(  # type: ignore[untyped-decorator]
        description="Remove", permissions=["remove"], icon="delete"
    )
    def remove(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect(reverse("admin:remove_demo_number", args=[object_id]))


class DayInput(UnfoldAdminTextInputWidget):  # type: ignore[misc]  # Unfold is untyped
    """The browser's own calendar."""

    input_type = "date"


class DemoNumberForm(ReasonForm):
    """Which number, for whom, until when, and why."""

    phone = forms.CharField(
        max_length=24,
        help_text="A number of our own that nobody uses. Any common spelling.",
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "inputmode": "tel"}),
    )
    role = forms.ChoiceField(choices=DemoRole.choices, widget=UnfoldAdminSelectWidget())
    last_day = forms.DateField(
        help_text=f"In UTC; at most {DEMO_LONGEST.days} days, today included.", widget=DayInput()
    )
    field_order = ("phone", "role", "last_day", "reason")

    def clean_phone(self) -> str:
        phone = parse_phone(self.cleaned_data["phone"])
        if phone is None:
            raise ValidationError("This is not a valid mobile number of an allowed country.")
        return phone

    def clean_last_day(self) -> date:
        last_day: date = self.cleaned_data["last_day"]
        if not timedelta() <= last_day - timezone.now().date() < DEMO_LONGEST:
            raise ValidationError(f"From today on, within {DEMO_LONGEST.days} days.")
        return last_day


@needs_fresh_login
def make_demo_number(request: HttpRequest) -> HttpResponse:
    """Ask which; then show its code, which nobody can see again."""
    require_admin(request, MAKE)
    form = DemoNumberForm(request.POST or None)
    texts: dict[str, Any] = {
        "title": "Make a demo number",
        "text": "No SMS goes out to it; its code is fixed. Each use is recorded.",
        "button": "Make",
    }
    if request.method == "POST" and form.is_valid():
        try:
            code = _make(request, form.cleaned_data)
        except ValidationError as err:
            form.add_error(None, err.messages)
        else:
            texts = {
                "title": "Demo number made",
                "text": "This is its code, shown only now. Give the store both, number and code.",
                "shown": [code],
            }
    back = reverse("admin:otp_demonumber_changelist")
    return page(request, template="admin/act.html", form=form, back=back, **texts)


@transaction.atomic
def _make(request: HttpRequest, values: dict[str, Any]) -> str:
    after = values["last_day"] + timedelta(days=1)
    code = demo_numbers.make(
        phone_e164=values["phone"],
        role=values["role"],
        ends_at=datetime.combine(after, time_of_day(), tzinfo=UTC),
        made_by=cast(User, request.user).pk,
        now=timezone.now(),
    )
    record(
        request,
        SecurityEvent.Kind.DEMO_NUMBER,
        subject=values["phone"],
        detail=f"made for {values['role']}, last day {values['last_day']}: {values['reason']}",
    )
    return code


@needs_fresh_login
def remove_demo_number(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask why; then the number is like any other."""
    require_admin(request, REMOVE)
    number = get_object_or_404(DemoNumber, pk=pk)

    def do(values: dict[str, Any]) -> str:
        with transaction.atomic():
            demo_numbers.remove(number)
            record(
                request,
                SecurityEvent.Kind.DEMO_NUMBER,
                subject=number.phone_e164,
                detail=f"removed: {values['reason']}",
            )
        return "The number is like any other now."

    return act(
        request,
        title="Remove a demo number",
        text=f"{mask(number, 'phone_e164')} gets codes by SMS again, and its sessions end.",
        button="Remove",
        do=do,
        back=reverse("admin:otp_demonumber_changelist"),
    )
