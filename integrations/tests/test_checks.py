"""What boot says about channels and settings, and what holds where a project sets nothing."""

from __future__ import annotations

import pytest
from django.core.checks import run_checks

from integrations import conf, defaults, gateways, redact, undelivered
from integrations.testing import set_option

DEPLOY = {"include_deployment_checks": True}


def found(**options):
    return [
        (problem.id.removeprefix("integrations."), problem.msg)
        for problem in run_checks(**options)
        if problem.id.startswith("integrations.E")
    ]


@pytest.fixture
def bare(settings):
    """The settings of a project that says what it must, and no more."""
    channels, key = settings.INTEGRATIONS, settings.FINGERPRINT_KEY
    names = [name for name in vars(defaults) if name.isupper()]
    for name in names:
        if hasattr(settings, name):
            delattr(settings, name)
    settings.INTEGRATIONS, settings.FINGERPRINT_KEY = channels, key


class TestMissing:
    def test_integrations(self, settings):
        del settings.INTEGRATIONS

        assert found() == [("E012", "INTEGRATIONS is not set: it names the providers.")]

    def test_fingerprint_key(self, settings):
        del settings.FINGERPRINT_KEY

        [(problem, text)] = found()

        assert (problem, text.split(":")[0]) == ("E012", "FINGERPRINT_KEY is not set")

    def test_a_call_without_its_channel_says_so(self, settings):
        del settings.INTEGRATIONS

        with pytest.raises(gateways.GatewayMisconfigured, match="no channel 'sms'"):
            gateways.send_otp(to="+919876543210", code="123456", reference="")

    @pytest.mark.parametrize("key", [None, ""])
    def test_nothing_is_fingerprinted_without_a_key(self, settings, key):
        if key is None:
            del settings.FINGERPRINT_KEY
        else:
            settings.FINGERPRINT_KEY = key

        with pytest.raises(gateways.GatewayMisconfigured, match="FINGERPRINT_KEY is not set"):
            redact.fingerprint("+919876543210")

    @pytest.mark.django_db
    def test_what_is_empty_is_named_at_deploy(self, settings):
        set_option(settings, "sms", keys=("",), otp_template_id="")
        set_option(settings, "email", keys=(), from_email="")
        settings.FINGERPRINT_KEY = ""

        assert found() == []
        names = [text.removesuffix(" is not set.") for id, text in found(**DEPLOY) if id == "E010"]
        assert sorted(names) == [
            "FINGERPRINT_KEY",
            "MSG91_AUTH_KEY",
            "MSG91_OTP_TEMPLATE_ID",
            "SENDGRID_API_KEY",
            "SENDGRID_FROM_EMAIL",
        ]


class TestChannels:
    @pytest.mark.parametrize(
        ("channel", "options", "said"),
        [
            ("sms", {"api": "voice"}, 'MSG91_API must be "otp" or "flow"'),
            ("sms", {"keys": "one key"}, "keys must be a list of keys, not one key"),
            ("sms", {"nonsense": 1}, "known: keys, otp_template_id"),
            ("blob", {"sas_protocol": "http"}, "AZURE_SAS_PROTOCOL"),
            ("blob", {"connection_string": "AccountName=a"}, "must hold AccountName and"),
            ("blob", {"connection_string": "AccountName=a;AccountKey=%"}, "must hold AccountName"),
            ("blob", {"connection_string": ""}, "AZURE_STORAGE_ACCOUNT_URL is not set"),
        ],
    )
    def test_an_option_that_cannot_work_is_named(self, settings, channel, options, said):
        set_option(settings, channel, **options)

        [(problem, text)] = found()

        assert problem == "E001"
        assert text.startswith(f"INTEGRATIONS['{channel}']: ")
        assert said in text

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"sms": {"OPTIONS": {}}}, "INTEGRATIONS['sms']: there is no BACKEND."),
            ({"sms": {"BACKEND": "nowhere.Client"}}, "No module named 'nowhere'"),
            ({"mail": {"BACKEND": "x.Y"}}, "known: sms, sms_fallback, email, blob"),
        ],
    )
    def test_a_channel_that_is_none_is_named(self, settings, changes, said):
        settings.INTEGRATIONS = {**settings.INTEGRATIONS, **changes}

        [(problem, text)] = found()

        assert problem == "E001"
        assert said in text
        del settings.INTEGRATIONS  # the fixtures ask for the providers

    def test_a_call_names_the_channel_too(self, settings):
        set_option(settings, "sms", api="voice")

        with pytest.raises(
            gateways.GatewayMisconfigured, match=r"^INTEGRATIONS\['sms'\]: MSG91_API"
        ):
            gateways.send_otp(to="+919876543210", code="123456", reference="")

    def test_a_channel_may_be_left_out(self, settings):
        settings.INTEGRATIONS = {"email": settings.INTEGRATIONS["email"]}

        assert found() == []
        assert conf.providers() == ["sendgrid"]

    @pytest.mark.django_db
    def test_what_is_left_out_is_not_watched(self, settings):
        settings.INTEGRATIONS = {}

        undelivered.check()

    def test_a_provider_without_a_slot(self, settings):
        settings.PROVIDER_SLOTS = {**settings.PROVIDER_SLOTS, "sendgrid": 0}

        assert found() == [("E007", "PROVIDER_SLOTS must be greater than zero for sendgrid.")]


class TestDefaults:
    def test_every_one_is_read(self, bare):
        guard = conf.guard()

        assert guard.attempt_timeout_seconds == defaults.PROVIDER_TIMEOUT_SECONDS == 5
        assert guard.breaker_failures == defaults.BREAKER_FAILURES == 5
        assert guard.slot_wait_seconds == defaults.SLOT_WAIT_SECONDS == 0.2
        assert conf.slots("msg91") == conf.slots("acme") == defaults.SLOTS_PER_PROVIDER == 20
        assert conf.turns() == defaults.WORKING_THREADS == 8
        assert conf.alert_failures_per_minute() == 10
        assert conf.storage_wishes().soft_delete_days == 30
        assert not any(
            (
                conf.alert_webhook_url(),
                conf.peppers(),
                conf.encryption_keys(),
                conf.msg91_webhook_tokens(),
                conf.sendgrid_webhook_key(),
                conf.storage_wishes().origins,
            )
        )

    def test_boot_is_content(self, bare):
        assert found() == []

    @pytest.mark.django_db
    def test_a_code_goes_out(self, bare, wire):
        wire.msg91_accepts()

        assert gateways.send_otp(to="+919876543210", code="123456", reference="").provider
