"""Who had which right on which document, and who took part in which case."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from documents.models import Reference, ReferenceChange, SASGrant
from solarium.tests.admin_world import page_of, rows_of

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


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
