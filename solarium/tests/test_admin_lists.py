"""Lists and details: read-only, nothing secret, nothing hostile."""

from __future__ import annotations

import re
import uuid

import pytest
from django.contrib import admin
from django.urls import reverse

from accounts.groups import SUPPORT
from accounts.models import User
from integrations.models import GatewayCall
from solarium.tests.admin_rows import EMAIL, HOSTILE, LISTS, PHONE
from solarium.tests.admin_world import enter, make_staff, page_of

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


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
