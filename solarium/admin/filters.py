"""Filters whose choices are known: asking a large table for its distinct values reads all of it."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.dateparse import parse_date, parse_time
from unfold.contrib.filters.admin import RangeDateTimeFilter

from accounts.roles import App
from integrations import conf


class FixedFilter(admin.SimpleListFilter):
    """By the values of one column; ``parameter_name`` is the column."""

    values: ClassVar[tuple[str, ...]] = ()

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, value) for value in self.values]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset.filter(**{str(self.parameter_name): value}) if value else queryset


class ProviderFilter(FixedFilter):
    title = parameter_name = "provider"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in conf.providers()]


class ReporterFilter(FixedFilter):
    """The providers that report later."""

    title = parameter_name = "provider"
    values = ("msg91", "sendgrid")


class DeliveryFilter(FixedFilter):
    title = parameter_name = "delivery"
    values = ("delivered", "undelivered")


class OperationFilter(FixedFilter):
    title = parameter_name = "operation"
    values = (
        "send_otp",
        "send_email",
        "get_blob_properties",
        "read_blob",
        "upload_blob",
        "delete_blob",
        "get_delegation_key",
        "look_at_container",
        "look_at_service",
        "make_container",
        "close_container",
        "set_service",
    )


class AppFilter(FixedFilter):
    title = parameter_name = "app"
    values = (App.CPAPP.value, App.CUSTAP.value)


class MomentFilter(RangeDateTimeFilter):  # type: ignore[misc]  # Unfold is untyped
    """From and to in UTC; a date alone means its whole day, and what is no date filters nothing."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        since, until = self._moment("from", time.min), self._moment("to", time.max)
        if since:
            queryset = queryset.filter(**{f"{self.parameter_name}__gte": since})
        if until:
            queryset = queryset.filter(**{f"{self.parameter_name}__lte": until})
        return queryset

    def _moment(self, end: str, otherwise: time) -> datetime | None:
        try:
            day = parse_date(self._given(f"{end}_0"))
            clock = parse_time(self._given(f"{end}_1")) or otherwise
        except ValueError:  # the 31st of November
            return None
        return datetime.combine(day, clock.replace(tzinfo=None), UTC) if day else None

    def _given(self, part: str) -> str:
        return str(self.used_parameters.get(f"{self.parameter_name}_{part}") or "")
