"""The timeline of one subject: everything, in order, masked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from integrations import redact
from integrations.models import DeliveryEvent
from solarium.tests.admin_rows import EMAIL, HOSTILE, PHONE, make_call, make_challenge

pytestmark = pytest.mark.django_db
REASON = "Ticket 4711, asked by the customer"


class TestTimeline:
    def show(self, client, text):
        return client.post("/admin/timeline", {"subject": text})

    def titles(self, answer):
        return [(entry.source, entry.title) for entry in answer.context["entries"]]

    def test_everything_about_a_phone_in_order(self, ops, world):
        answer = self.show(ops, "98123 45678")

        assert self.titles(answer) == [
            ("azure_blob", "get blob properties"),
            ("document", "KYC announced"),
            ("link", "link to create given"),
            ("msg91", f"report {HOSTILE[:40]}"),
            ("security", "login"),
            ("code", "code accepted by the provider"),
            ("msg91", "send otp"),
            ("code", "code asked for"),
        ]
        moments = [entry.at for entry in answer.context["entries"]]
        assert moments == sorted(moments, reverse=True)
        page = answer.content.decode()
        assert "+91******5678" in page
        assert "try 1: 118 ms, HTTP 200" in page
        assert "no-store" in answer["Cache-Control"]

    def test_of_mail_that_is_not_ours_by_its_report(self, ops):
        now = timezone.now()
        report = DeliveryEvent.objects.create(
            provider="sendgrid",
            event_id="e-2",
            state="undelivered",
            kind="bounce",
            reason="550 unknown user",
            recipient_masked="x***@solarium.example",
            recipient_fingerprint=redact.fingerprint("x@solarium.example"),
            at=now,
            received_at=now,
        )
        page = ops.get(reverse("admin:integrations_deliveryevent_change", args=[report.pk]))
        assert "none of ours" in page.content.decode()

        answer = ops.get(reverse("admin:timeline_of", args=[report.recipient_fingerprint]))

        assert self.titles(answer) == [("sendgrid", "report bounce")]
        text = answer.content.decode()
        assert "x***@solarium.example" in text
        assert "550 unknown user" in text

    def test_hides_numbers_and_escapes_texts(self, ops, world):
        page = self.show(ops, PHONE).content.decode()

        for text in (PHONE, EMAIL, "<script>alert", "<img src=x", "planted"):
            assert text not in page

    @pytest.mark.parametrize("by", ["email", "account", "fingerprint", "document"])
    def test_the_same_person_by_other_ways(self, ops, world, by):
        answer = {
            "email": lambda: self.show(ops, EMAIL.upper()),
            "account": lambda: ops.get(f"/admin/timeline?account={world['customer'].pk}"),
            "fingerprint": lambda: ops.get(f"/admin/timeline/{redact.fingerprint(PHONE)}"),
            "document": lambda: self.show(ops, str(world["document"].pk)),
        }[by]()

        found = self.titles(answer)
        assert ("azure_blob", "get blob properties") in found
        assert (("msg91", "send otp") in found) == (by != "document")

    def test_revealing_shows_up_in_it(self, ops, world):
        url = reverse("admin:reveal", args=["account", world["customer"].pk])
        ops.post(url, {"reason": REASON})

        assert ("security", "personal data revealed") in self.titles(self.show(ops, PHONE))

    @pytest.mark.parametrize("typed", ["", "hello", "0" * 36, "1" * 300])
    def test_what_is_no_subject_gets_a_sentence(self, ops, typed):
        assert self.show(ops, typed).context["form"].errors

    @pytest.mark.parametrize("query", ["?account=x", "?document=" + "0" * 32, "/" + "a" * 64])
    def test_an_unknown_one_is_404(self, ops, query):
        assert ops.get(f"/admin/timeline{query}").status_code == 404

    @pytest.mark.parametrize("key", ["0", "junk", "0" * 32])
    @pytest.mark.parametrize(
        "record", ["integrations/gatewaycall", "integrations/deliveryevent", "otp/challenge"]
    )
    def test_that_of_an_unknown_record_is_404(self, ops, record, key):
        assert ops.get(f"/admin/{record}/{key}/timeline/").status_code == 404

    def test_somebody_without_rows_is_an_empty_page(self, ops):
        assert "Nothing on record" in self.show(ops, "+919812300000").content.decode()

    def test_costs_the_same_for_much(self, ops, world, django_assert_max_num_queries):
        for number in range(30):
            at = timezone.now() - timedelta(minutes=number)
            make_call(at=at)
            make_challenge(at=at)
        with django_assert_max_num_queries(16):
            self.show(ops, PHONE)
