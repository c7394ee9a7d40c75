"""S3, S55: fail every provider, listen to every logger at DEBUG, search for what was planted."""

from __future__ import annotations

import copy
import io
import logging

import pytest
import requests
from django.utils import timezone

from integrations import gateways, transport
from integrations.models import GatewayCall
from solarium import logs

PHONE, CODE, ADDRESS = "+919812345678", "604318", "asha.planted@solarium.example"
MSG91_KEY, SENDGRID_KEY = "authkey-planted-4f1c", "SG.plantedkeyid.plantedsecret"
PLANTED = (PHONE[1:], PHONE[3:], CODE, ADDRESS, MSG91_KEY, "plantedsecret", "planted-body")

pytestmark = pytest.mark.django_db


@pytest.fixture
def log():
    """Everything that any logger says, as production would print it."""
    stream = io.StringIO()
    logs.configure(debug=False)
    root = logging.getLogger()
    root.handlers[0].setStream(stream)
    noisy = [root, *(logging.getLogger(name) for name in ("urllib3", "azure", "integrations"))]
    for logger in noisy:
        logger.setLevel(logging.DEBUG)
    yield stream
    logs.configure(debug=True)
    root.setLevel(logging.INFO)
    logging.getLogger("integrations").setLevel(logging.NOTSET)


@pytest.fixture
def planted(settings):
    """The channels with planted keys, and providers that are not there."""
    channels = copy.deepcopy(settings.INTEGRATIONS)
    gone = "http://127.0.0.1:1"
    channels["sms"]["OPTIONS"] |= {"keys": (MSG91_KEY,), "base_url": gone}
    channels["email"]["OPTIONS"] |= {"keys": (SENDGRID_KEY,), "base_url": gone}
    settings.INTEGRATIONS = channels
    return gone


def send_both():
    errors = []
    for call in (
        lambda: gateways.send_otp(to=PHONE, code=CODE, reference="otp:test"),
        lambda: gateways.send_email(
            to=ADDRESS,
            subject="s",
            text=f"code {CODE}",
            html="",
            kind="test",
            reference="mail:test",
        ),
    ):
        with pytest.raises(gateways.GatewayError) as caught:
            call()
        errors.append(repr(caught.value) + str(caught.value))
        logging.getLogger("somewhere").error("failed", exc_info=caught.value)
    return errors


def search(log, errors):
    rows = str(list(GatewayCall.objects.values()))
    text = log.getvalue()
    assert "gateway call finished" in text
    for secret in PLANTED:
        assert secret not in text, secret
        assert secret not in rows, secret
        assert secret not in str(errors), secret


def test_providers_that_are_gone(log, planted):
    search(log, send_both())


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 500, "body": f"planted-body {CODE} {MSG91_KEY}"},
        {"status": 200, "body": f"<html>planted-body {PHONE}</html>"},
        {"status": 401, "json": {"type": "error", "message": f"Invalid authkey {MSG91_KEY}"}},
        {"status": 400, "json": {"type": "error", "message": f"planted-body {PHONE} {CODE}"}},
        {"status": 429, "json": {"errors": [{"message": f"planted-body {ADDRESS}"}]}},
        {"body": requests.ConnectionError(f"planted-body /otp?otp={CODE}&authkey={MSG91_KEY}")},
        {"body": requests.ReadTimeout(f"planted-body mobile={PHONE[1:]}")},
    ],
)
def test_answers_that_repeat_what_was_sent(log, planted, wire, answer):
    wire.mock.post(f"{planted}/api/v5/otp", **answer)
    wire.mock.post(f"{planted}/v3/mail/send", **answer)

    errors = send_both()

    # An exception of the wire's own making may stand in a traceback, never its secrets.
    text = log.getvalue().replace("planted-body", "")
    search(io.StringIO(text), errors)


def test_storage_with_its_signed_requests(log, azurite):
    now = timezone.now()
    link = gateways.issue_blob_sas(
        blob="test/a.pdf", permission="create", now=now, content_type="application/pdf"
    ).url
    signature = link.partition("sig=")[2]
    with pytest.raises(gateways.BlobNotFound):
        gateways.get_blob_properties(blob="test/a.pdf", reference="document:test")
    with transport.attempt(connect_seconds=1, seconds=3):
        transport.session().put(link, data=b"x", timeout=3)

    text = log.getvalue()
    assert "gateway call finished" in text
    assert signature not in text
    assert "SharedKey devstoreaccount1:" not in text
