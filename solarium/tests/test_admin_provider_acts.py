"""What ops do about a provider: an alert, a suppressed address, the switch; each recorded."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.groups import SUPPORT
from integrations.models import Alert, ProviderSwitch, Suppression
from solarium.tests.admin_world import REASON, enter, make_staff, recorded

pytestmark = pytest.mark.django_db


def test_lifting_a_suppression(ops, staff, world):
    suppression = world["suppression"]
    listed = ops.get(reverse("admin:integrations_suppression_change", args=[suppression.pk]))
    assert "Lift suppression" in listed.content.decode()

    ops.post(reverse("admin:lift_suppression", args=[suppression.pk]), {"reason": REASON})

    assert not Suppression.objects.exists()
    (event,) = recorded("suppression_lifted")
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
        assert len(recorded("alert_seen")) == 1

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
        off, on = recorded("provider_switched")
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

        assert [event.detail for event in recorded("provider_switched")].count("msg91 on") == 1

    @pytest.mark.parametrize("text", ["", "short", "x" * 201])
    def test_not_without_a_text_for_users(self, ops, text):
        assert ops.post(self.URL, {"text": text}).status_code == 200
        assert not ProviderSwitch.objects.exists()
