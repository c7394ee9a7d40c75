"""The peppers of code digests: stored ones, then the environment's."""

from __future__ import annotations

import pytest

from integrations import gateways, keys
from integrations.models import ProviderKey

from .keyring import store

pytestmark = pytest.mark.django_db


def test_stored_ones_come_first_then_the_environments(settings):
    settings.OTP_PEPPERS = ["env-new", "env-old"]
    assert gateways.peppers() == ["env-new", "env-old"]

    store("active", "stored-new", provider="otp_pepper")
    store("previous", "env-new", provider="otp_pepper")
    assert gateways.peppers() == ["stored-new", "env-new", "env-old"]


def test_a_retired_one_is_gone_though_the_environment_holds_it(settings):
    settings.OTP_PEPPERS = ["env"]
    store("active", "stored", provider="otp_pepper")
    row = store("retired", "env", provider="otp_pepper")
    ProviderKey.objects.filter(pk=row.pk).update(ciphertext="")
    keys.forget()

    assert gateways.peppers() == ["stored"]


def test_an_unknown_one_is_looked_for_at_once():
    store("active", "stored", provider="otp_pepper")
    keys.assume_nothing_stored()

    assert "stored" not in gateways.peppers()
    assert gateways.peppers(reread=True)[0] == "stored"
