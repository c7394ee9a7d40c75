"""S55."""

from __future__ import annotations

import pytest

from integrations import models, redact


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("https://a/b?sp=c&sig=WDk%2F3Jabc%3D&se=1", "WDk"),
        ("AccountKey=Eby8vdM02xNOcqFlqUwJPLlm==;", "Eby8"),
        ("Authorization: Bearer SG.abcdef.ghijkl", "ghijkl"),
        ("Authorization: Token 0123456789abcdef", "0123456789abcdef"),
        ("key SG.plantedkeyid.plantedsecret", "plantedsecret"),
        ("{'authkey': 'authkey-planted-4f1c'}", "planted-4f1c"),
        ('{"otp": "123456"}', "123456"),
        ("otp=123456&x", "123456"),
        ("Your One-Time Password (OTP) is 123456.", "123456"),
        ("to +919876543210 now", "98765"),
        ("mobile=919876543210", "98765"),
        ("phone 9876543210", "98765"),
        ("number%22%3A%22919876543210%22", "98765"),
        ('{"totp": "123456"}', "123456"),
        ("asha.rao@solarium.example", "asha.rao"),
        ("/v3/suppression/bounces/asha.rao%40solarium.example", "asha.rao"),
        ("POST /integrations/webhooks/msg91/planted-token HTTP/1.1", "planted-token"),
        ("/auth/password/reset/MQ/c1abc-0123456789", "c1abc"),
    ],
)
def test_scrub_leaves_no_secret(text, secret):
    assert secret not in redact.scrub(text)


@pytest.mark.parametrize(
    "text",
    [
        "0b9f7f7e-1c5c-4a51-9d6f-919876543210",
        "integrations/webhooks/msg91/<str:token>",
        "auth/password/reset/<str:uid>/<str:token>",
        "auth/password/reset/confirm",
        "password notice not sent",
        "request 34676b6d426b303131363537 took 5012 ms",
        "2026-11-24T06:40:08.123456Z",
    ],
)
def test_scrub_keeps_ids_and_times(text):
    assert redact.scrub(text) == text


def test_masks_keep_what_ops_need():
    assert redact.mask_phone("+919876543210") == "+91******3210"
    assert redact.mask_email("asha@solarium.example") == "a***@solarium.example"


def test_the_longest_mask_fits_its_columns():
    """A mask may be longer than the address; a name in the storage may be as long as it likes."""
    for recipient in ("a@" + "b" * 253, "+" + "9" * 300, "blob/" + "c" * 300):
        assert len(redact.mask_recipient(recipient)) == redact.MAX_MASKED_LENGTH
    for model, column in (
        (models.GatewayCall, "recipient_masked"),
        (models.DeliveryEvent, "recipient_masked"),
        (models.Suppression, "address_masked"),
    ):
        assert model._meta.get_field(column).max_length == redact.MAX_MASKED_LENGTH


def test_sas_has_no_url_in_its_repr():
    from django.utils import timezone

    from integrations.results import BlobSAS

    assert "sig" not in repr(BlobSAS(url="https://x?sig=1", expires_at=timezone.now()))
