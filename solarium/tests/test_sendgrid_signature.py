"""`POST /integrations/webhooks/sendgrid`: only what SendGrid signed, and lately, is read."""

from __future__ import annotations

import time

import pytest

from solarium.tests.report_world import (
    SENDGRID,
    SIGNATURE,
    TIMESTAMP,
    event,
    make_mail,
    post_sendgrid,
    sign,
    state,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("webhooks")]


class TestSignature:
    def test_signed_is_204_without_a_body(self, client):
        """S40."""
        call = make_mail()

        answer = post_sendgrid(client, [event()])

        assert (answer.status_code, answer.content) == (204, b"")
        assert state(call) == "delivered"

    def test_trailing_newline_is_signed_too(self, client):
        assert post_sendgrid(client, b"[]\r\n").status_code == 204
        assert post_sendgrid(client, b"[]\r\n", **sign(b"[]")).status_code == 403

    @pytest.mark.parametrize(
        "signature",
        ["", "AAAA", "not base64!", "=", "MEUCIQ", "A" * 5000, "ö", "\u20ac", "<html>", "MAA="],
    )
    def test_a_malformed_signature_is_403(self, client, signature):
        """S40."""
        call = make_mail()

        answer = post_sendgrid(client, [event()], **{SIGNATURE: signature})

        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
        assert state(call) == ""

    @pytest.mark.parametrize("missing", [SIGNATURE, TIMESTAMP])
    def test_a_missing_header_is_403(self, client, missing):
        headers = {name: value for name, value in sign(b"[]").items() if name != missing}

        answer = client.post(SENDGRID, b"[]", content_type="application/json", **headers)

        assert answer.status_code == 403

    @pytest.mark.parametrize(
        "stamp", ["", "soon", "-1", "1e9", "٣", "9" * 400, "1763946000.5", " 1"]
    )
    def test_a_timestamp_that_is_no_number_is_403(self, client, stamp):
        headers = {**sign(b"[]"), TIMESTAMP: stamp}

        assert post_sendgrid(client, b"[]", **headers).status_code == 403

    @pytest.mark.parametrize(
        ("age", "expected"),
        [(0, 204), (86_390, 204), (86_500, 403), (-86_390, 204), (-86_500, 403)],
    )
    def test_within_24_hours_of_our_clock(self, client, age, expected):
        """S40."""
        headers = sign(b"[]", timestamp=str(int(time.time()) - age))

        assert post_sendgrid(client, b"[]", **headers).status_code == expected

    def test_another_body_and_another_key_are_403(self, client, settings):
        headers = sign(b"[]")
        assert post_sendgrid(client, b"[ ]", **headers).status_code == 403
        assert post_sendgrid(client, b"\xff\xfe", **headers).status_code == 403
        settings.SENDGRID_WEBHOOK_PUBLIC_KEY = (
            "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfVhTr+OL0nYcL53qe2g2kSWvJS"
            "EFCxkRLZdHrO83y1wNYTbPqPkeXSEFiESOA8KM5ZvHMuuU4f8oe4TZBtlQ=="
        )
        assert post_sendgrid(client, b"[]").status_code == 403

    def test_without_a_key_there_is_nothing(self, client, settings):
        """S40."""
        settings.SENDGRID_WEBHOOK_PUBLIC_KEY = ""

        answer = post_sendgrid(client, [event()])

        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
