from __future__ import annotations

import re
from datetime import timedelta
from io import StringIO
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import second_factor
from accounts.models import AuthToken, SecurityEvent, User
from accounts.roles import Role
from accounts.sessions import issue_token
from integrations.testing import at_once

from .conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def device(kam):
    second_factor.enrol(user=kam)
    return TOTPDevice.objects.get(user=kam)


def code_of(device, *, steps=0):
    return f"{totp(device.bin_key, drift=steps):06d}"


def wrong_code(device):
    near = {code_of(device, steps=steps) for steps in (-2, -1, 0, 1, 2)}
    return next(code for code in ("000000", "000001", "000002", "000003") if code not in near)


def post_login(client, *, password=PASSWORD, **more):
    body = {"email": "kam@solarium.example", "password": password, **more}
    return client.post("/auth/login", body)


class TestLogin:
    def test_without_a_code_the_right_password_asks_for_one(self, api_client, device):
        answer = post_login(api_client)

        assert answer.status_code == 401
        assert answer.json()["code"] == "second_factor_required"
        assert answer["WWW-Authenticate"] == "Token"
        assert not AuthToken.objects.exists()

    def test_a_wrong_password_does_not_tell_that_there_is_a_device(self, api_client, device):
        for more in ({}, {"totp": code_of(device)}):
            answer = post_login(api_client, password="something else", **more)
            assert (answer.status_code, answer.json()["code"]) == (401, "bad_credentials")

    def test_password_and_code_open_a_session_and_it_is_recorded(self, api_client, device, kam):
        code = code_of(device)

        answer = post_login(api_client, totp=f"{code[:3]} {code[3:]}")

        assert answer.status_code == 200
        event = SecurityEvent.objects.get(kind="login")
        assert (event.result, event.actor_id) == ("ok", kam.pk)

    def test_a_code_works_once(self, api_client, device):
        code = code_of(device)
        assert post_login(api_client, totp=code).status_code == 200

        again = post_login(api_client, totp=code)

        assert (again.status_code, again.json()["code"]) == (401, "bad_credentials")

    def test_after_a_wrong_code_the_right_one_waits_a_second(self, api_client, device):
        with time_machine.travel(timezone.now(), tick=False) as clock:
            assert post_login(api_client, totp=wrong_code(device)).status_code == 401
            assert post_login(api_client, totp=code_of(device)).status_code == 401
            clock.shift(timedelta(seconds=10))
            assert post_login(api_client, totp=code_of(device)).status_code == 200

    def test_wrong_codes_lock_and_asking_without_one_does_not_forgive(self, api_client, device):
        for number in range(settings.LOGIN_FAILURES_15MIN):
            more = {"totp": wrong_code(device)} if number % 2 else {}
            assert post_login(api_client, **more).status_code == 401

        assert post_login(api_client, totp=code_of(device)).json()["code"] == "login_locked"

    @pytest.mark.parametrize("totp", ["", "12345", "1234567", "abcdef", "１２３４５６", 123456])
    def test_what_is_no_code_is_a_bad_form(self, api_client, device, totp):
        answer = post_login(api_client, totp=totp)

        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] == "totp"

    def test_without_a_device_a_code_is_ignored(self, api_client, kam):
        assert post_login(api_client, totp="123456").status_code == 200


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_one_code_opens_one_of_many_logins_at_once(kam):
    """S59."""
    second_factor.enrol(user=kam)
    code = code_of(TOTPDevice.objects.get())

    proofs = at_once(8, lambda _: second_factor.prove(user=kam, code=code) is not None)

    assert proofs[True] == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_many_enrolments_at_once_one_device_is_left(kam):
    at_once(8, lambda _: second_factor.enrol(user=kam))

    assert TOTPDevice.objects.filter(user=kam).count() == 1


class TestEnrolCommand:
    def run(self, *arguments):
        out = StringIO()
        call_command("enrol_totp", *arguments, stdout=out)
        return out.getvalue()

    def test_prints_the_uri_once_and_it_opens_the_door(self, api_client, kam):
        printed = self.run("--email", "KAM@solarium.example")

        (uri,) = printed.split()
        parts = urlsplit(uri)
        secret = parse_qs(parts.query)["secret"][0]
        assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
        assert re.fullmatch(r"[A-Z2-7]{32}", secret)
        device = TOTPDevice.objects.get(user=kam)
        assert post_login(api_client, totp=code_of(device)).status_code == 200
        event = SecurityEvent.objects.get(kind="second_factor")
        assert event.subject_masked == "k***@solarium.example"
        assert secret not in str(vars(event))

    def test_a_second_time_replaces_the_device_and_ends_sessions(self, kam, device):
        issue_token(user=kam, app="WEBPRT", now=timezone.now())
        before = device.key

        self.run("--email", kam.email)

        assert TOTPDevice.objects.get(user=kam).key != before
        assert not AuthToken.objects.exists()

    @pytest.mark.parametrize(
        ("email", "sentence"),
        [
            ("", "Give --email"),
            ("nobody@solarium.example", "no active account"),
            ("off@solarium.example", "no active account"),
            ("customer@solarium.example", "Only staff"),
        ],
    )
    def test_refuses_with_a_sentence(self, email, sentence):
        User.objects.create_user(role=Role.KAM, email="off@solarium.example", is_active=False)
        User.objects.create_user(role=Role.CUSTOMER, email="customer@solarium.example")

        with pytest.raises(CommandError, match=sentence):
            self.run("--email", email)

        assert not TOTPDevice.objects.exists()
