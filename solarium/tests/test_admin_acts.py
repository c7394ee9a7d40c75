"""What ops do in the admin: by POST, with a reason, recorded, and not for everybody."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.groups import SUPPORT
from accounts.models import AuthToken, SecurityEvent, User
from accounts.roles import App, Role
from accounts.sessions import issue_token
from integrations import redact
from integrations.models import Alert, ProviderSwitch, Suppression
from solarium.admin import action_pages
from solarium.tests.admin_rows import EMAIL, PHONE
from solarium.tests.admin_world import enter, make_staff

pytestmark = pytest.mark.django_db
REASON = "Ticket 4711, asked by the customer"
NEW_PHONE = "+919812345699"


def events(kind):
    return list(SecurityEvent.objects.filter(kind=kind, result="ok").exclude(detail="admin"))


def acts(world):
    """Every page that acts, with a good form."""
    customer, alert = world["customer"].pk, world["alert"].pk
    return {
        reverse("admin:change_phone", args=[customer]): {"phone": NEW_PHONE, "reason": REASON},
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
        assert not events("personal_data_revealed")
        assert User.objects.get(pk=world["customer"].pk).phone == PHONE

    def test_an_unknown_id_is_404(self, ops, world):
        for url, form in acts(world).items():
            gone = url.replace(str(world["customer"].pk), "0" * 8 + "-0000-0000-0000-" + "0" * 12)
            for name in ("challenge", "document"):
                gone = gone.replace(str(world[name].pk), "0" * 8 + "-0000-0000-0000-" + "0" * 12)
            gone = gone.replace(world["suppression"].pk, "0" * 64)
            gone = gone.replace("msg91", "nobody").replace(f"/{world['alert'].pk}/", "/9999/")
            assert ops.post(gone, form).status_code == 404


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
        (event,) = events("account_changed")
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


def test_ending_sessions(ops, staff, world):
    user = world["customer"]
    for _ in range(2):
        issue_token(user=user, app=App.CUSTAP, now=timezone.now())

    ops.post(reverse("admin:end_sessions", args=[user.pk]), {"reason": REASON})

    assert not AuthToken.objects.filter(user=user).exists()
    (event,) = events("sessions_ended")
    assert (event.actor_id, event.subject_masked) == (staff.pk, "+91******5678")
    assert event.detail.startswith("2 of ")


def test_lifting_a_suppression(ops, staff, world):
    suppression = world["suppression"]
    listed = ops.get(reverse("admin:integrations_suppression_change", args=[suppression.pk]))
    assert "Lift suppression" in listed.content.decode()

    ops.post(reverse("admin:lift_suppression", args=[suppression.pk]), {"reason": REASON})

    assert not Suppression.objects.exists()
    (event,) = events("suppression_lifted")
    assert event.actor_id == staff.pk
    assert event.detail == f"{suppression.pk[:12]} (bounce): {REASON}"


class TestAlert:
    def test_seen_once_by_whoever_came_first(self, ops, staff, world):
        url = reverse("admin:see_alert", args=[world["alert"].pk])
        ops.post(url)
        first = Alert.objects.get()
        ops.post(url)

        assert first.seen_by == "Ops Person"
        assert Alert.objects.get().seen_at == first.seen_at
        assert len(events("alert_seen")) == 1

    def test_several_by_the_list(self, ops, world):
        Alert.objects.create(
            provider="sendgrid", kind="failures", text="x", opened_at=timezone.now()
        )
        form = {
            "action": "mark_as_seen",
            "_selected_action": list(Alert.objects.values_list("pk", flat=True)),
        }

        ops.post(reverse("admin:integrations_alert_changelist"), form)

        assert not Alert.objects.filter(seen_at=None).exists()

    def test_support_gets_no_such_action(self, client, world):
        enter(client, make_staff(group=SUPPORT))
        form = {"action": "mark_as_seen", "_selected_action": [world["alert"].pk]}

        client.post(reverse("admin:integrations_alert_changelist"), form)

        assert Alert.objects.get().seen_at is None


class TestPhoneTakenMeanwhile:
    """Another account got the number after the form had looked."""

    def test_is_told_and_nothing_is_changed(self, ops, world, monkeypatch):
        url = reverse("admin:change_phone", args=[world["customer"].pk])
        User.objects.create_user(role=Role.CUSTOMER, phone=NEW_PHONE)
        monkeypatch.setattr(action_pages.PhoneForm, "clean_phone", lambda _: NEW_PHONE)

        answer = ops.post(url, {"phone": NEW_PHONE, "reason": REASON})

        assert answer.status_code == 200
        assert "An account has this number already." in answer.content.decode()
        assert User.objects.get(pk=world["customer"].pk).phone == PHONE
        assert not events("account_changed")


class TestSwitch:
    URL = "/admin/switches/msg91"
    TEXT = "SMS are being repaired until noon."

    def test_off_with_a_text_and_on_again(self, ops, staff):
        ops.post(self.URL, {"text": self.TEXT})
        row = ProviderSwitch.objects.get()
        assert (row.provider, row.text) == ("msg91", self.TEXT)
        assert "Ops Person" in row.switched_off_by
        assert self.TEXT in ops.get("/admin/switches").content.decode()

        ops.post(self.URL)

        assert not ProviderSwitch.objects.exists()
        off, on = events("provider_switched")
        assert (off.actor_id, on.actor_id) == (staff.pk, staff.pk)
        assert off.detail == f"msg91 off: {self.TEXT}"
        assert on.detail == "msg91 on"

    def test_sent_twice_it_stays_as_it_was_meant(self, ops):
        """A second click, or a page that was left open, must not undo what the first did."""
        for _ in range(2):
            assert ops.post(self.URL, {"text": self.TEXT}).status_code == 302
            assert ProviderSwitch.objects.exists()

        for _ in range(2):
            assert ops.post(self.URL).status_code == 302
            assert not ProviderSwitch.objects.exists()

        assert [event.detail for event in events("provider_switched")].count("msg91 on") == 1

    @pytest.mark.parametrize("text", ["", "short", "x" * 201])
    def test_not_without_a_text_for_users(self, ops, text):
        assert ops.post(self.URL, {"text": text}).status_code == 200
        assert not ProviderSwitch.objects.exists()


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
        by_phone, by_mail = events("personal_data_revealed")
        assert by_phone.actor_id == by_mail.actor_id == staff.pk
        assert by_phone.subject_fingerprint == redact.fingerprint(PHONE)
        assert by_mail.subject_fingerprint == redact.fingerprint(EMAIL)
        assert REASON in by_phone.detail

    def test_a_code_shows_its_number(self, ops, world):
        url = reverse("admin:reveal", args=["challenge", world["challenge"].pk])

        assert PHONE in ops.post(url, {"reason": REASON}).content.decode()
        assert ops.post("/admin/reveal/call/" + str(world["call"].pk)).status_code == 404
