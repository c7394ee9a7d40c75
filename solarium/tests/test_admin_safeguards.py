"""From where the admin is reached, how old a login may be that acts, and confirming again (S59)."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.core.checks import run_checks
from django.urls import reverse
from django.utils import timezone

from accounts.models import SecurityEvent
from documents.models import Document, State
from documents.tests.files import build_pdf
from integrations import gateways
from integrations.models import ProviderSwitch
from solarium import admin_networks
from solarium.tests.admin_rows import make_world
from solarium.tests.admin_world import enter, make_staff

REASON = "Ticket 4711, asked by the customer"


class TestNetworks:
    @pytest.mark.parametrize(
        ("networks", "address", "allowed"),
        [
            ([], "198.51.100.7", True),
            (["203.0.113.0/24"], "203.0.113.9", True),
            (["203.0.113.0/24"], "198.51.100.7", False),
            (["203.0.113.9"], "203.0.113.9", True),
            (["198.51.100.0/24", "2001:db8::/48"], "2001:db8:0:1::/64", True),
            (["2001:db8::/48"], "2001:db9::/64", False),
            (["203.0.113.0/24"], "2001:db8::/64", False),
            (["203.0.113.0/24"], "unknown", False),
        ],
    )
    def test_who_is_let_in(self, settings, networks, address, allowed):
        settings.ADMIN_ALLOWED_NETWORKS = networks

        assert admin_networks.is_allowed(address) is allowed

    @pytest.mark.django_db
    def test_others_find_nothing_there_and_the_api_goes_on(self, client, settings):
        settings.ADMIN_ALLOWED_NETWORKS = ["203.0.113.0/24"]

        assert client.get("/admin/login/").status_code == 404
        assert client.get("/healthz").status_code == 200
        assert client.get("/admin/login/", REMOTE_ADDR="203.0.113.9").status_code == 200

    @pytest.mark.django_db
    @pytest.mark.parametrize("name", ["office", "203.0.113.0/99", "203.0.113.1/24", "2001:db8::1"])
    def test_nonsense_is_an_error(self, settings, name):
        settings.ADMIN_ALLOWED_NETWORKS = [name]

        assert "solarium.E008" in [problem.id for problem in run_checks()]


@pytest.mark.django_db
class TestFreshLogin:
    def test_an_old_login_looks_but_does_not_act(self, client, settings):
        settings.SESSION_COOKIE_AGE = 3600
        url = reverse("admin:provider_switch", args=["msg91"])
        form = {"text": "SMS are being repaired."}
        with time_machine.travel(timezone.now(), tick=False) as clock:
            enter(client, make_staff())
            clock.shift(timedelta(seconds=settings.ADMIN_ACT_SECONDS + 1))

            assert client.get(reverse("admin:index")).status_code == 200
            answer = client.post(url, form)

        assert answer.status_code == 302
        assert answer["Location"] == f"{reverse('admin:login')}?next={url}"
        assert not ProviderSwitch.objects.exists()

    def test_a_fresh_one_acts(self, client):
        enter(client, make_staff())

        client.post(
            reverse("admin:provider_switch", args=["msg91"]), {"text": "SMS are being repaired."}
        )

        assert ProviderSwitch.objects.exists()


@pytest.mark.django_db
class TestConfirmAgain:
    @pytest.fixture
    def document(self):
        document = make_world(now=timezone.now())["document"]
        # A blob of this test's own: the storage emulator outlives it.
        document.blob_name = f"test/2026/11/{uuid.uuid4()}.pdf"
        document.state = State.PENDING
        document.save()
        return document

    def ask(self, client, document):
        url = reverse("admin:confirm_again", args=[document.pk])
        return client.post(url, {"reason": REASON}, follow=True).content.decode()

    def test_what_was_never_uploaded_stays_pending(self, client, azurite, document):
        page = self.ask(enter(client, make_staff()), document)

        assert "The file has not been uploaded yet." in page
        assert Document.objects.get(pk=document.pk).state == State.PENDING
        event = SecurityEvent.objects.get(kind="document_confirmed")
        assert str(document.pk) in event.detail

    def test_what_was_uploaded_becomes_available(self, client, azurite, document):
        content = build_pdf()
        Document.objects.filter(pk=document.pk).update(declared_size=len(content))
        gateways.upload_blob(
            blob=document.blob_name,
            content=content,
            content_type=document.content_type,
            reference=str(document.pk),
        )

        page = self.ask(enter(client, make_staff()), document)

        assert "The document is available." in page
        assert Document.objects.get(pk=document.pk).state == State.AVAILABLE
