"""What ops do for a person: another phone, no session, the number in full; each recorded."""

from __future__ import annotations

import pytest
from django.forms import ModelForm
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuthToken, User
from accounts.roles import App, Role
from accounts.sessions import issue_token
from integrations import redact
from solarium.admin import account_acts
from solarium.tests.admin_rows import EMAIL, PHONE
from solarium.tests.admin_world import REASON, enter, make_staff, recorded

pytestmark = pytest.mark.django_db
NEW_PHONE = "+919812345699"


class TestPhone:
    def change(self, client, user, phone=NEW_PHONE):
        url = reverse("admin:change_phone", args=[user.pk])
        return client.post(url, {"phone": phone, "reason": REASON})

    def test_changes_ends_sessions_and_is_recorded(self, ops, staff, world):
        """S10."""
        user = world["customer"]
        issue_token(user=user, app=App.CUSTAP, now=timezone.now())

        assert self.change(ops, user, "098123 45699").status_code == 302

        assert User.objects.get(pk=user.pk).phone == NEW_PHONE
        assert not AuthToken.objects.filter(user=user).exists()
        (event,) = recorded("account_changed")
        assert event.actor_id == staff.pk
        assert event.subject_fingerprint == redact.fingerprint(NEW_PHONE)
        assert REASON in event.detail
        assert PHONE not in event.detail
        assert "******5678" in event.detail

    @pytest.mark.parametrize("phone", ["", "12345", "+15005550006", "+919812345600"])
    def test_refuses_what_is_no_free_mobile_number(self, ops, world, phone):
        User.objects.create_user(role=Role.CUSTOMER, phone="+919812345600")

        assert self.change(ops, world["customer"], phone).status_code == 200
        assert User.objects.get(pk=world["customer"].pk).phone == PHONE

    def test_is_for_admins_only(self, client, world):
        enter(client, make_staff(role=Role.KAM))

        assert self.change(client, world["customer"]).status_code == 403


class TestPhoneTakenMeanwhile:
    """Another account got the number after the form had looked."""

    def test_is_told_and_nothing_is_changed(self, ops, world, monkeypatch):
        url = reverse("admin:change_phone", args=[world["customer"].pk])
        User.objects.create_user(role=Role.CUSTOMER, phone=NEW_PHONE)
        monkeypatch.setattr(account_acts.PhoneForm, "clean_phone", lambda _: NEW_PHONE)

        answer = ops.post(url, {"phone": NEW_PHONE, "reason": REASON})

        assert answer.status_code == 200
        assert "An account has this number already." in answer.content.decode()
        assert User.objects.get(pk=world["customer"].pk).phone == PHONE
        assert not recorded("account_changed")


class TestEmailTakenMeanwhile:
    """Another account got the address after the form had looked."""

    def test_is_told_and_nothing_is_changed(self, ops, staff, world, monkeypatch):
        User.objects.filter(pk=staff.pk).update(is_superuser=True)
        User.objects.create_user(role=Role.CUSTOMER, email="taken@solarium.example")
        monkeypatch.setattr(ModelForm, "validate_unique", lambda _: None)
        url = reverse("admin:accounts_user_change", args=[world["customer"].pk])
        form = {"role": "CUSTOMER", "name": "Asha", "email": "taken@solarium.example"}

        answer = ops.post(url, form | {"is_active": "on"}, follow=True)

        assert answer.status_code == 200
        assert "An account has this email already." in answer.content.decode()
        assert User.objects.get(pk=world["customer"].pk).email == EMAIL
        assert not recorded("account_changed")


def test_ending_sessions(ops, staff, world):
    user = world["customer"]
    for _ in range(2):
        issue_token(user=user, app=App.CUSTAP, now=timezone.now())

    ops.post(reverse("admin:end_sessions", args=[user.pk]), {"reason": REASON})

    assert not AuthToken.objects.filter(user=user).exists()
    (event,) = recorded("sessions_ended")
    assert (event.actor_id, event.subject_masked) == (staff.pk, "+91******5678")
    assert event.detail.startswith("2 of ")


class TestReveal:
    def test_shows_it_for_a_reason_and_is_recorded(self, ops, staff, world):
        """S58."""
        answer = ops.post(
            reverse("admin:reveal", args=["account", world["customer"].pk]), {"reason": REASON}
        )

        page = answer.content.decode()
        assert PHONE in page
        assert EMAIL in page
        assert "no-store" in answer["Cache-Control"]
        by_phone, by_mail = recorded("personal_data_revealed")
        assert by_phone.actor_id == by_mail.actor_id == staff.pk
        assert by_phone.subject_fingerprint == redact.fingerprint(PHONE)
        assert by_mail.subject_fingerprint == redact.fingerprint(EMAIL)
        assert REASON in by_phone.detail

    def test_a_code_shows_its_number(self, ops, world):
        url = reverse("admin:reveal", args=["challenge", world["challenge"].pk])

        assert PHONE in ops.post(url, {"reason": REASON}).content.decode()
        assert ops.post("/admin/reveal/call/" + str(world["call"].pk)).status_code == 404
