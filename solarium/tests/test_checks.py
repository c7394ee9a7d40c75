"""Wrong settings are named as the process starts, not met by whoever comes first."""

from __future__ import annotations

import pytest
from django.core.checks import run_checks


def ids(**arguments):
    return [problem.id for problem in run_checks(**arguments)]


@pytest.mark.parametrize("countries", [[], ["in"], ["IN", "XX"]])
def test_only_regions_that_have_numbers(settings, countries):
    settings.PHONE_COUNTRIES = countries

    assert "solarium.E004" in ids()


@pytest.mark.parametrize(
    "url",
    [
        "http://portal.solarium.example/{uid}/{token}",
        "portal.solarium.example/{uid}/{token}",
        "https://portal.solarium.example/{uid}",
        "https://[{uid}/{token}",
    ],
)
def test_reset_links_lead_over_tls_and_hold_both_parts(settings, url):
    """S30."""
    settings.PASSWORD_RESET_URL = url

    assert "solarium.E003" in ids()


def test_a_reset_link_may_lead_to_a_page_of_a_front_end(settings):
    settings.PASSWORD_RESET_URL = "https://portal.solarium.example/#/{uid}/{token}"

    assert "solarium.E003" not in ids()


@pytest.mark.django_db
class TestLongestCall:
    def test_the_defaults_end_before_a_stop_does(self):
        assert "solarium.W005" not in ids(include_deployment_checks=True)

    def test_what_lasts_longer_than_a_stop_is_warned_of(self, settings):
        settings.PROVIDER_RETRY_WAIT_SECONDS = 2
        settings.PROVIDER_TIMEOUT_SECONDS = 6.0

        found = ids(include_deployment_checks=True)

        assert "solarium.W005" in found
        assert "solarium.W006" not in found

    def test_what_lasts_longer_than_a_key_is_held_is_warned_of(self, settings):
        """With the second route one attempt more: 4 × 7 s and two waits."""
        settings.PROVIDER_RETRY_WAIT_SECONDS = 2
        settings.PROVIDER_TIMEOUT_SECONDS = 7.0
        assert "solarium.W006" not in ids(include_deployment_checks=True)

        settings.SMS_FALLBACK = "twilio"

        assert "solarium.W006" in ids(include_deployment_checks=True)
