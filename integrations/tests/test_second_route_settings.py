"""The second route's settings: nothing of it where they are not set, and odd ones are named."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.core.checks import run_checks

from integrations import gateways, rotation
from integrations.testing import set_option

on = pytest.mark.usefixtures("second_route")
pytestmark = pytest.mark.django_db


class TestOff:
    """The default."""

    def test_the_client_is_not_even_imported(self):
        program = (
            "import django, sys; django.setup(); from django.core.checks import run_checks;"
            "from integrations import gateways; run_checks();"
            "sys.exit('integrations.clients.twilio' in sys.modules)"
        )
        env = {**os.environ, "DJANGO_SETTINGS_MODULE": "solarium.settings", "SMS_FALLBACK": ""}

        assert subprocess.run([sys.executable, "-c", program], env=env, check=False).returncode == 0

    def test_there_are_three_providers(self):
        names = ["msg91", "sendgrid", "azure_blob"]

        assert [each.provider for each in gateways.provider_statuses()] == names
        assert (*names, "otp_pepper") == rotation.PROVIDERS


class TestSettings:
    @staticmethod
    def found(settings, **options):
        set_option(settings, "sms_fallback", **options)
        return [(p.id, p.msg) for p in run_checks() if p.id.startswith("integrations.E")]

    def test_a_name_that_is_nobody_is_refused(self, settings):
        settings.SMS_FALLBACK = "msg91"

        assert "solarium.E010" in [problem.id for problem in run_checks()]

    @on
    def test_right_ones_pass(self, settings):
        assert self.found(settings) == []

    @on
    @pytest.mark.parametrize(
        ("name", "option", "value"),
        [
            ("TWILIO_ACCOUNT_SID", "account_sid", ""),
            ("TWILIO_ACCOUNT_SID", "account_sid", "SK" + "0" * 32),
            ("TWILIO_API_KEY_SID", "api_key_sid", "AC" + "0" * 32),
            ("TWILIO_AUTH_TOKEN", "keys", ()),
            ("TWILIO_AUTH_TOKEN", "keys", ("",)),
            ("TWILIO_FROM", "sender", ""),
            ("TWILIO_FROM", "sender", "SOLARIUM-ENERGY"),
            ("TWILIO_FROM", "sender", "9876543210123"),
        ],
    )
    def test_a_missing_or_odd_one_is_named(self, settings, name, option, value):
        [(problem, text)] = self.found(settings, **{option: value})

        assert problem == "integrations.E001"
        assert name in text

    @on
    @pytest.mark.parametrize("url", ["http://api.twilio.com", ""])
    def test_only_https(self, settings, url):
        [(problem, text)] = self.found(settings, base_url=url)

        assert problem == "integrations.E004"
        assert "TWILIO_BASE_URL" in text
