"""Who may enter the admin (S59)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.groups import OPS, SUPPORT
from accounts.models import SecurityEvent
from accounts.roles import Role
from accounts.sessions import end_everything
from solarium.admin_site import ADMIN_CONTENT_SECURITY_POLICY
from solarium.tests.admin_world import PASSWORD, code_of, enter, log_in, make_staff

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
INDEX = "/admin/"


@pytest.fixture
def ops():
    return make_staff()


class TestLogin:
    def test_password_and_code_let_in(self, client, ops):
        answer = log_in(client, email="OPS@solarium.example", code=code_of(ops))

        assert answer.status_code == 302
        assert client.get(INDEX).status_code == 200
        event = SecurityEvent.objects.get(kind="login")
        assert (event.result, event.actor_id, event.detail) == ("ok", ops.pk, "admin")

    @pytest.mark.parametrize("code", ["", "000000", "abc", "１２３４５６"])
    def test_password_without_the_right_code_does_not(self, client, ops, code):
        answer = log_in(client, email=ops.email, code=code)

        assert answer.status_code == 200
        assert "The email, the password or the code is not right." in answer.content.decode()
        assert client.get(INDEX).status_code == 302
        assert SecurityEvent.objects.get(kind="login").result == "refused"

    @pytest.mark.parametrize(
        "name", ["\0@solarium.example", "\0", "\ud800@x".encode("utf-8", "replace")]
    )
    def test_a_name_that_no_column_holds_is_refused_as_any(self, client, name):
        assert log_in(client, email=name).status_code == 200

        assert "\0" not in str(SecurityEvent.objects.get(kind="login").subject_masked)

    def test_code_without_the_password_does_not(self, client, ops):
        log_in(client, email=ops.email, password="something else", code=code_of(ops))

        assert client.get(INDEX).status_code == 302

    def test_a_code_works_once(self, client, ops):
        code = code_of(ops)
        assert log_in(client, email=ops.email, code=code).status_code == 302
        client.post(reverse("admin:logout"))

        assert log_in(client, email=ops.email, code=code).status_code == 200

    def test_staff_without_a_device_is_told_how_to_get_one(self, client):
        user = make_staff(enrolled=False)

        assert "enrol_totp" in log_in(client, email=user.email).content.decode()
        assert "enrol_totp" not in log_in(client, email=user.email, password="x").content.decode()
        assert client.get(INDEX).status_code == 302

    def test_a_session_without_the_code_is_none(self, client, ops):
        client.force_login(ops, backend="django.contrib.auth.backends.ModelBackend")

        assert client.get(INDEX).status_code == 302

    def test_who_is_not_staff_of_the_admin_stays_out(self, client, ops):
        ops.is_staff = False
        ops.save()

        log_in(client, email=ops.email, code=code_of(ops))

        assert client.get(INDEX).status_code == 302
        assert client.get("/admin/live").status_code == 302


class TestLock:
    def fail(self, client, user, **how):
        for _ in range(settings.LOGIN_FAILURES_15MIN):
            answer = log_in(client, email=user.email, **how)
        return answer

    @pytest.mark.parametrize("how", [{"password": "wrong"}, {"code": "000000"}])
    def test_five_failures_lock_for_15_minutes(self, client, ops, how):
        with time_machine.travel(timezone.now(), tick=False) as clock:
            assert self.fail(client, ops, **how).status_code == 429
            locked = log_in(client, email=ops.email, code=code_of(ops))
            clock.shift(timedelta(minutes=14))
            still = log_in(client, email=ops.email, code=code_of(ops))
            clock.shift(timedelta(minutes=2))
            free = log_in(client, email=ops.email, code=code_of(ops))

        assert [locked.status_code, still.status_code, free.status_code] == [429, 429, 302]
        assert locked["Retry-After"] == "900"
        assert locked["Content-Security-Policy"] == ADMIN_CONTENT_SECURITY_POLICY
        assert "Too many failed attempts" in locked.content.decode()
        assert SecurityEvent.objects.filter(kind="limit").exists()

    def test_only_for_this_address(self, client, ops):
        self.fail(client, ops, password="wrong")

        client.defaults["REMOTE_ADDR"] = "192.0.2.7"
        assert log_in(client, email=ops.email, code=code_of(ops)).status_code == 302

    def test_a_success_forgives(self, client, ops):
        for _ in range(settings.LOGIN_FAILURES_15MIN - 1):
            log_in(client, email=ops.email, password="wrong")
        assert log_in(client, email=ops.email, code=code_of(ops)).status_code == 302

        assert not AccessAttempt.objects.exists()

    def test_its_table_names_nobody(self, client, ops):
        log_in(client, email=ops.email, password="planted secret", code="424242")

        (row,) = AccessAttempt.objects.values()
        text = str(row)
        for secret in (ops.email, "planted", "424242"):
            assert secret not in text

    def test_zero_switches_it_off_together_with_the_apis(self):
        assert settings.AXES_FAILURE_LIMIT == settings.LOGIN_FAILURES_15MIN == 5

    def test_the_apis_login_counts_apart(self, client, ops):
        self.fail(client, ops, password="wrong")

        answer = client.post(
            "/auth/login", {"email": ops.email, "password": PASSWORD}, "application/json"
        )

        assert answer.json()["code"] == "second_factor_required"


class TestSession:
    def test_ends_after_30_idle_minutes_though_the_dashboard_renews_itself(self, client, ops):
        """S25."""
        with time_machine.travel(timezone.now(), tick=False) as clock:
            enter(client, ops)
            assert client.get(INDEX).status_code == 200
            for _ in range(5):
                clock.shift(timedelta(minutes=7))
                answer = client.get("/admin/live")

            assert answer.status_code == 302

    def test_lives_on_while_somebody_works(self, client, ops):
        with time_machine.travel(timezone.now(), tick=False) as clock:
            enter(client, ops)
            for _ in range(5):
                clock.shift(timedelta(minutes=20))
                assert client.get(INDEX).status_code == 200

    def test_a_new_device_ends_it(self, client, ops):
        enter(client, ops)
        TOTPDevice.objects.all().delete()

        assert client.get(INDEX).status_code == 302

    def test_ending_everything_ends_it(self, client, ops):
        enter(client, ops)
        make_staff(group=SUPPORT)

        assert end_everything(user=ops, now=timezone.now()) == 1
        assert client.get(INDEX).status_code == 302
        assert not Session.objects.exists()


class TestGroups:
    def test_ops_see_and_act_support_sees(self):
        ops = make_staff(group=OPS).get_all_permissions()
        support = make_staff(group=SUPPORT, role=Role.KAM).get_all_permissions()

        assert {"integrations.view_gatewaycall", "accounts.view_securityevent"} <= support
        assert all(name.split(".")[1].startswith("view_") for name in support)
        assert ops - support == {
            "accounts.change_user",
            "accounts.reveal_personal_data",
            "documents.change_document",
            "integrations.change_alert",
            "integrations.change_providerswitch",
            "integrations.delete_suppression",
            "otp.add_demonumber",
            "otp.change_phone",
            "otp.delete_demonumber",
        }
        assert "accounts.view_authtoken" not in ops


class TestHeaders:
    def test_only_the_admin_may_make_functions_at_run_time(self, client, ops):
        enter(client, ops)

        for path in (INDEX, "/admin/login/", "/admin/live"):
            policy = client.get(path)["Content-Security-Policy"]
            assert "script-src 'self' 'unsafe-eval'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe-inline" not in policy.partition("script-src")[2]
        assert "unsafe-eval" not in client.get("/healthz")["Content-Security-Policy"]
