"""Lists and details: found in seconds, read-only, nothing secret, nothing hostile."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from accounts.groups import SUPPORT
from accounts.models import User
from documents.models import Reference, ReferenceChange, SASGrant
from integrations.models import DeliveryEvent, GatewayCall
from solarium.admin.records import MOST_PAGES, ROWS_A_PAGE
from solarium.tests.admin_rows import EMAIL, HOSTILE, PHONE, make_call, make_world
from solarium.tests.admin_world import enter, make_staff

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
LISTS = {
    "customer": "accounts_user",
    "document": "documents_document",
    "challenge": "otp_challenge",
    "call": "integrations_gatewaycall",
    "event": "accounts_securityevent",
    "link": "documents_sasgrant",
    "alert": "integrations_alert",
    "key": "integrations_providerkey",
    "demo_number": "otp_demonumber",
    "delivery": "integrations_deliveryevent",
    "suppression": "integrations_suppression",
}


@pytest.fixture
def world():
    return make_world(now=timezone.now())


@pytest.fixture
def ops(client):
    return enter(client, make_staff())


def page_of(client, name, **query):
    answer = client.get(reverse(f"admin:{name}_changelist"), query)
    assert answer.status_code == 200
    return answer


def rows_of(answer):
    return list(answer.context["cl"].result_list)


@pytest.mark.parametrize("what", sorted(LISTS))
class TestEveryRecord:
    def pages(self, client, world, what):
        name = LISTS[what]
        detail = reverse(f"admin:{name}_change", args=[world[what].pk])
        return [page_of(client, name).content.decode(), client.get(detail).content.decode()]

    def test_shows_no_secret_and_no_full_number(self, ops, world, what):
        """S2, S59."""
        for page in self.pages(ops, world, what):
            for secret in (PHONE, EMAIL, "planted-", world["challenge"].code_digest, "argon2"):
                assert secret not in page

    def test_hostile_text_does_not_become_html(self, ops, world, what):
        for page in self.pages(ops, world, what):
            assert "<script>alert" not in page
            assert "<img src=x" not in page

    def test_cannot_be_added_or_deleted(self, ops, world, what):
        """S57, S59."""
        name = LISTS[what]
        assert ops.get(reverse(f"admin:{name}_add")).status_code == 403
        assert ops.post(reverse(f"admin:{name}_delete", args=[world[what].pk])).status_code == 403
        deleting = {"action": "delete_selected", "_selected_action": [str(world[what].pk)]}
        ops.post(reverse(f"admin:{name}_changelist"), {**deleting, "post": "yes"})
        assert type(world[what]).objects.filter(pk=world[what].pk).exists()

    def test_cannot_be_changed_by_its_page(self, ops, world, what):
        before = type(world[what]).objects.values().get(pk=world[what].pk)
        form = {**dict.fromkeys(before, "changed"), "is_active": "on"}

        ops.post(reverse(f"admin:{LISTS[what]}_change", args=[world[what].pk]), form)

        assert type(world[what]).objects.values().get(pk=world[what].pk) == before

    def test_support_sees_the_same(self, client, world, what):
        enter(client, make_staff(group=SUPPORT))
        assert len(self.pages(client, world, what)) == 2


class TestLedger:
    def test_stands_under_its_document_and_its_person(self, ops, world):
        for name, what in (("documents_document", "document"), ("accounts_user", "customer")):
            page = ops.get(reverse(f"admin:{name}_change", args=[world[what].pk])).content.decode()
            assert "192.0.2.1" in page
            assert "Create" in page
            assert "5" * 64 not in page

    @pytest.mark.parametrize("by", ["document_id", "user_id", "blob_name", "signature_sha256"])
    def test_is_found_by(self, ops, world, by):
        link = world["link"]

        assert rows_of(page_of(ops, "documents_sasgrant", q=getattr(link, by))) == [link]

    def test_shows_the_newest_of_thousands_only(self, ops, world):
        link = world["link"]
        SASGrant.objects.bulk_create(
            SASGrant(user=link.user, document=link.document, right="read",
                     client_address="203.0.113.9", issued_at=link.issued_at - timedelta(days=1),
                     expires_at=link.expires_at)
            for _ in range(120)
        )  # fmt: skip

        url = reverse("admin:documents_document_change", args=[world["document"].pk])
        page = ops.get(url).content.decode()

        assert page.count("203.0.113.9") == 49
        assert "192.0.2.1" in page

    def test_a_cases_people_before_and_after(self, ops, world):
        reference = Reference.objects.create(id="LEAD-1", kind="LEAD")
        ReferenceChange.objects.create(
            reference=reference, at=timezone.now(), actor_id=uuid.uuid4(), field="customer",
            was="person-before", became="person-after",
        )  # fmt: skip

        url = reverse("admin:documents_reference_change", args=["LEAD-1"])
        page = ops.get(url).content.decode()

        assert "person-before" in page
        assert "person-after" in page


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


def test_only_what_we_chose_is_in_the_admin():
    assert {model.__name__ for model in admin.site._registry} == {
        "User", "SecurityEvent", "Challenge", "Document", "Reference", "SASGrant",
        "GatewayCall", "Alert", "ProviderKey", "DeliveryEvent", "Suppression", "DemoNumber",
    }  # fmt: skip


def test_an_unknown_id_is_404_or_back_to_the_list(ops):
    for pk in (uuid.uuid4(), "x"):
        answer = ops.get(reverse("admin:integrations_gatewaycall_change", args=[pk]))
        assert answer.status_code == 302


def test_attempts_are_a_table_and_escaped(ops, world):
    attempts = [{"started": HOSTILE, "ms": 12, "httpStatus": None, "error": HOSTILE}]
    GatewayCall.objects.filter(pk=world["call"].pk).update(attempts=attempts)

    page = ops.get(reverse("admin:integrations_gatewaycall_change", args=[world["call"].pk]))

    text = page.content.decode()
    assert re.search(r"<td>12</td>\s*<td>–</td>\s*<td>&lt;script&gt;", text)
    assert HOSTILE not in text


class TestAccountPage:
    def change(self, client, user, **form):
        return client.post(reverse("admin:accounts_user_change", args=[user.pk]), form)

    def test_ops_may_disable_and_nothing_else(self, ops, world):
        """S25."""
        user = world["customer"]

        answer = self.change(ops, user, role="ADMIN", is_staff="on", name="x", phone="+1")

        assert answer.status_code == 302
        after = User.objects.get(pk=user.pk)
        assert (after.is_active, after.role, after.is_staff) == (False, "CUSTOMER", False)
        assert (after.name, after.phone, after.email) == (user.name, PHONE, EMAIL)

    def test_support_may_not(self, client, world):
        enter(client, make_staff(group=SUPPORT))

        assert self.change(client, world["customer"]).status_code == 403
        assert User.objects.get(pk=world["customer"].pk).is_active
