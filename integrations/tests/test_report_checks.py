"""What delivery reports are proved by is looked at when the server starts."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from integrations.report_checks import check_reports


def der(key) -> str:
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(public).decode()


@pytest.fixture
def found(settings):
    def check(*, tokens=(), key=""):
        settings.MSG91_WEBHOOK_TOKEN, settings.SENDGRID_WEBHOOK_PUBLIC_KEY = list(tokens), key
        return [problem.id for problem in check_reports()]

    return check


@pytest.mark.parametrize("tokens", [(), ("t" * 32,), ("Ab9-_.~" * 8, "u" * 40)])
def test_good_tokens(found, tokens):
    assert found(tokens=tokens) == []


@pytest.mark.parametrize("token", ["t" * 40 + "/", "t" * 40 + " ", "ö" * 40, "t" * 40 + "?"])
def test_bad_tokens(found, token):
    """S41."""
    assert found(tokens=["t" * 40, token]) == ["integrations.E032"]


def test_a_short_token_is_no_reason_not_to_start(found):
    """S41."""
    assert found(tokens=["t" * 40, "t" * 31]) == ["integrations.W030"]


def test_a_p256_key_is_good(found):
    assert found(key=der(ec.generate_private_key(ec.SECP256R1()))) == []


@pytest.mark.parametrize(
    "key",
    [
        "garbage", "AAAA", "ö", "-----BEGIN PUBLIC KEY-----",
        der(ec.generate_private_key(ec.SECP384R1())),
        der(rsa.generate_private_key(public_exponent=65537, key_size=2048)),
    ],
    ids=["garbage", "short", "letter", "pem", "p384", "rsa"],
)  # fmt: skip
def test_other_keys_are_not(found, key):
    """S40."""
    assert found(key=key) == ["integrations.E031"]
