"""What every act of ops in the admin needs: a right, POST, a reason, and something to act on."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import security_events
from accounts.groups import SUPPORT
from accounts.models import AuthToken, SecurityEvent, User
from accounts.roles import App
from accounts.sessions import issue_token
from integrations.models import Alert, ProviderSwitch
from otp.models import DemoNumber, Phone
from solarium.tests.admin_rows import PHONE, make_demo_number
from solarium.tests.admin_world import REASON, enter, make_staff, recorded

pytestmark = pytest.mark.django_db


def acts(world):
    """Every page that acts, with a good form."""
    customer, alert = world["customer"].pk, world["alert"].pk
    return {
        reverse("admin:change_phone", args=[customer]): {
            "phone": "+919812345699",
            "reason": REASON,
        },
        reverse("admin:end_sessions", args=[customer]): {"reason": REASON},
        reverse("admin:see_alert", args=[alert]): {},
        reverse("admin:provider_switch", args=["msg91"]): {"text": "SMS are being repaired."},
        reverse("admin:lift_lock", args=[world["challenge"].pk]): {"reason": REASON},
        reverse("admin:reveal", args=["account", customer]): {"reason": REASON},
        reverse("admin:reveal", args=["challenge", world["challenge"].pk]): {"reason": REASON},
        reverse("admin:lift_suppression", args=[world["suppression"].pk]): {"reason": REASON},
        reverse("admin:confirm_again", args=[world["document"].pk]): {"reason": REASON},
    }


class TestEveryAct:
    def test_needs_a_right(self, client, world):
        """S59: support sees, and acts on nothing."""
        enter(client, make_staff(group=SUPPORT))

        for url, form in acts(world).items():
            assert client.get(url).status_code == 403
            answer = client.post(url, form)
            assert answer.status_code == 403
            assert PHONE not in answer.content.decode()
        assert User.objects.get(pk=world["customer"].pk).phone == PHONE
        assert not ProviderSwitch.objects.exists()
        assert Alert.objects.get().seen_at is None
        assert SecurityEvent.objects.filter(kind="denied", result="refused").exists()

    def test_needs_the_admin(self, client, world):
        client.force_login(world["customer"], backend="django.contrib.auth.backends.ModelBackend")

        for url, form in acts(world).items():
            assert client.post(url, form).status_code == 302
        assert not ProviderSwitch.objects.exists()

    def test_looking_changes_nothing_and_forms_are_csrf_checked(self, ops, world, staff):
        strict = enter(Client(enforce_csrf_checks=True), staff)
        for url, form in acts(world).items():
            page = ops.get(url)
            assert page.status_code == 200
            assert "csrfmiddlewaretoken" in page.content.decode()
            assert strict.post(url, form).status_code == 403
        assert not ProviderSwitch.objects.exists()
        assert User.objects.get(pk=world["customer"].pk).phone == PHONE

    def test_needs_its_reason(self, ops, world):
        for url, form in acts(world).items():
            if "reason" in form:
                for reason in ("", "  ", "x", "y" * 201):
                    answer = ops.post(url, {**form, "reason": reason})
                    assert answer.status_code == 200
                    assert PHONE not in answer.content.decode()
        assert not recorded("personal_data_revealed")
        assert User.objects.get(pk=world["customer"].pk).phone == PHONE

    def test_an_unknown_id_is_404(self, ops, world):
        for url, form in acts(world).items():
            gone = url.replace(str(world["customer"].pk), "0" * 8 + "-0000-0000-0000-" + "0" * 12)
            for name in ("challenge", "document"):
                gone = gone.replace(str(world[name].pk), "0" * 8 + "-0000-0000-0000-" + "0" * 12)
            gone = gone.replace(world["suppression"].pk, "0" * 64)
            gone = gone.replace("msg91", "nobody").replace(f"/{world['alert'].pk}/", "/9999/")
            assert ops.post(gone, form).status_code == 404


class TestWithoutItsRecord:
    """What cannot be recorded is not done."""

    @pytest.fixture(autouse=True)
    def _no_room(self, ops, monkeypatch):
        def full(**_):
            raise OperationalError("could not extend file")

        monkeypatch.setattr(security_events, "record", full)

    def post(self, client, url, **form):
        with pytest.raises(OperationalError):
            client.post(url, {"reason": REASON, **form})

    def test_sessions_go_on(self, ops, world):
        user = world["customer"]
        issue_token(user=user, app=App.CUSTAP, now=timezone.now())

        self.post(ops, reverse("admin:end_sessions", args=[user.pk]))

        assert AuthToken.objects.filter(user=user).exists()

    def test_a_lock_stays(self, ops, world):
        Phone.objects.filter(pk=PHONE).update(wrong_in_a_row=5)

        self.post(ops, reverse("admin:lift_lock", args=[world["challenge"].pk]))

        assert Phone.objects.get(pk=PHONE).wrong_in_a_row == 5

    def test_a_demo_number_is_neither_made_nor_removed(self, ops):
        number = make_demo_number(phone="+919800000001", at=timezone.now())
        last_day = timezone.now().date().isoformat()
        fields = {"phone": "+919812345699", "role": "CUSTOMER", "last_day": last_day}

        self.post(ops, reverse("admin:make_demo_number"), **fields)
        self.post(ops, reverse("admin:remove_demo_number", args=[number.pk]))

        assert list(DemoNumber.objects.all()) == [number]
