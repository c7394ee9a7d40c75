"""Lists of the admin: found in seconds, by what people know, at a fixed price."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

import integrations
from integrations.clients import protocols
from integrations.models import DeliveryEvent, GatewayCall
from solarium.admin.filters import OperationFilter
from solarium.admin.records import MOST_PAGES, ROWS_A_PAGE
from solarium.tests.admin_rows import EMAIL, LISTS, PHONE, make_call
from solarium.tests.admin_world import page_of, rows_of

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


class TestFinding:
    @pytest.mark.parametrize(
        "typed", [PHONE, "098123 45678", "m-1", "correlation", "id", f"  {PHONE} "]
    )
    def test_a_call(self, ops, world, typed):
        make_call(at=timezone.now(), recipient="+919812345670")
        call = world["call"]
        typed = {"correlation": call.correlation_id, "id": str(call.pk)}.get(typed, typed)

        assert rows_of(page_of(ops, "integrations_gatewaycall", q=typed)) == [call]

    def test_a_call_by_mail_address_in_any_case(self, ops):
        call = make_call(at=timezone.now(), recipient=EMAIL, provider="sendgrid")

        assert rows_of(page_of(ops, "integrations_gatewaycall", q=EMAIL.upper())) == [call]

    @pytest.mark.parametrize("typed", ["+919812345670", "nothing", "%", "9" * 5000])
    def test_nothing(self, ops, world, typed):
        for name in set(LISTS.values()) - {"integrations_alert", "integrations_providerkey"}:
            assert rows_of(page_of(ops, name, q=typed)) == []

    def test_codes_and_accounts_by_phone_and_documents_by_id(self, ops, world):
        found = rows_of(page_of(ops, "otp_challenge", q="98123-45678"))
        assert found == [world["challenge"]]
        assert rows_of(page_of(ops, "accounts_user", q=PHONE)) == [world["customer"]]
        assert rows_of(page_of(ops, "accounts_user", q=EMAIL)) == [world["customer"]]
        document = world["document"]
        assert rows_of(page_of(ops, "documents_document", q=str(document.pk))) == [document]
        events = rows_of(page_of(ops, "accounts_securityevent", q=PHONE))
        assert events == [world["event"]]

    def test_reports_and_suppressed_addresses(self, ops, world):
        report, suppression = world["delivery"], world["suppression"]
        DeliveryEvent.objects.filter(pk=report.pk).update(call_id=world["call"].pk)

        for typed in (PHONE, str(world["call"].pk), "e-1"):
            assert rows_of(page_of(ops, "integrations_deliveryevent", q=typed)) == [report]
        for query, found in (({"state__exact": "delivered"}, 1), ({"provider": "sendgrid"}, 0)):
            assert len(rows_of(page_of(ops, "integrations_deliveryevent", **query))) == found
        for typed in (EMAIL, EMAIL.upper()):
            assert rows_of(page_of(ops, "integrations_suppression", q=typed)) == [suppression]
        assert rows_of(page_of(ops, "integrations_suppression", kind="spamreport")) == []

    def test_calls_by_what_became_of_them(self, ops, world):
        GatewayCall.objects.filter(pk=world["call"].pk).update(delivery="undelivered")

        page = page_of(ops, "integrations_gatewaycall", delivery="undelivered")

        assert rows_of(page) == [world["call"]]
        assert "so-danger" in page.content.decode()
        detail = reverse("admin:integrations_gatewaycall_change", args=[world["call"].pk])
        assert "Undelivered" in ops.get(detail).content.decode()

    def test_filters(self, ops, world):
        query = {
            "provider": "azure_blob",
            "operation": "get_blob_properties",
            "outcome": "accepted",
        }

        assert rows_of(page_of(ops, "integrations_gatewaycall", **query)) == [world["blob_call"]]
        assert rows_of(page_of(ops, "integrations_gatewaycall", failure__exact="1")) == []

    def test_by_every_operation_that_is_recorded(self):
        sources = Path(integrations.__file__).parent.glob("*.py")
        asked = re.compile(r'(?:operation=|_ask\(\s*)("[a-z_]+"|[A-Z_]+)')
        found = {name for source in sources for name in asked.findall(source.read_text())}
        recorded = {name.strip('"') if '"' in name else getattr(protocols, name) for name in found}

        # A link is made here, and nobody is called for it.
        assert set(OperationFilter.values) == recorded - {"issue_blob_sas"}

    def test_by_time(self, ops, world):
        since = timezone.now() - timedelta(minutes=6)
        query = {"started_at_from_0": f"{since:%Y-%m-%d}", "started_at_from_1": f"{since:%H:%M:%S}"}

        assert rows_of(page_of(ops, "integrations_gatewaycall", **query)) == [world["blob_call"]]

    def test_a_day_alone_and_nonsense(self, ops, world):
        today = f"{timezone.now() - timedelta(minutes=9):%Y-%m-%d}"
        for query, found in (
            ({"started_at_to_0": today}, 2),
            ({"started_at_from_0": "2026-11-31"}, 2),
            ({"started_at_to_0": "2026-01-01"}, 0),
            ({"started_at_from_1": "x"}, 2),
        ):
            assert len(rows_of(page_of(ops, "integrations_gatewaycall", **query))) == found


class TestPages:
    def test_never_count_and_end_somewhere(self, ops, django_assert_max_num_queries):
        now = timezone.now()
        for number in range(ROWS_A_PAGE + 1):
            make_call(at=now - timedelta(seconds=number))
        with django_assert_max_num_queries(12) as seen:
            first = page_of(ops, "integrations_gatewaycall")
        second = page_of(ops, "integrations_gatewaycall", p=2)

        assert not [q for q in seen.captured_queries if "COUNT(" in q["sql"]]
        assert not [q for q in seen.captured_queries if "DISTINCT" in q["sql"]]
        assert (len(rows_of(first)), len(rows_of(second))) == (ROWS_A_PAGE, 1)
        beyond = ops.get(
            reverse("admin:integrations_gatewaycall_changelist"), {"p": MOST_PAGES + 1}
        )
        assert beyond.status_code == 302
