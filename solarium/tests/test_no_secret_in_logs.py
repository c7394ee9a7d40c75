"""S3, S55: fail every provider, listen to every logger at DEBUG, search for what was planted.

Searched are the lines, the errors, and every row that ops may read.
"""

from __future__ import annotations

import io
import logging
import re

import pytest
import requests
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from accounts.models import SecurityEvent, User
from accounts.roles import Role
from accounts.testing import token_of
from integrations import gateways, transport
from integrations.models import Alert, GatewayCall, ProviderKey
from integrations.testing import set_option
from otp.models import Challenge
from solarium import logs

PHONE, CODE, ADDRESS = "+919812345678", "604318", "asha.planted@solarium.example"
MSG91_KEY, SENDGRID_KEY = "authkey-planted-4f1c", "SG.plantedkeyid.plantedsecret"
PASSWORD = "planted-passphrase-77"
ACCOUNT_KEY = "cGxhbnRlZC1hY2NvdW50LWtleQ=="
PLANTED = (
    PHONE[1:], PHONE[3:], CODE, ADDRESS, MSG91_KEY, "plantedsecret", "planted-body", PASSWORD,
    ACCOUNT_KEY,
)  # fmt: skip
ANSWERS = [
    {"status": 500, "body": f"planted-body {CODE} {MSG91_KEY}"},
    {"status": 200, "body": f"<html>planted-body {PHONE}</html>"},
    {"status": 401, "json": {"type": "error", "message": f"Invalid authkey {MSG91_KEY}"}},
    {"status": 400, "json": {"type": "error", "message": f"planted-body {PHONE} {CODE}"}},
    {"status": 429, "json": {"errors": [{"message": f"planted-body {ADDRESS}"}]}},
    {"body": requests.ConnectionError(f"planted-body /otp?otp={CODE}&authkey={MSG91_KEY}")},
    {"body": requests.ReadTimeout(f"planted-body mobile={PHONE[1:]}")},
    {"body": requests.ConnectionError(f"To=%2B{PHONE[1:]}&Body=%28OTP%29+is+{CODE}.+Valid")},
]
LIBRARIES = ("urllib3", "azure", "integrations")

pytestmark = pytest.mark.django_db


@pytest.fixture
def log():
    """Everything that any logger says, as production would print it."""
    stream = io.StringIO()
    logs.configure(debug=False)
    root = logging.getLogger()
    root.handlers[0].setStream(stream)
    named = [logging.getLogger(name) for name in (*logging.root.manager.loggerDict, *LIBRARIES)]
    levels = {logger: logger.level for logger in named}
    for logger in (root, *named):
        logger.setLevel(logging.DEBUG)
    yield stream
    for logger, level in levels.items():
        logger.setLevel(level)
    logs.configure(debug=True)


@pytest.fixture
def planted(settings):
    """The channels with planted keys, and providers that are not there."""
    gone = "http://127.0.0.1:1"
    set_option(settings, "sms", keys=(MSG91_KEY,), base_url=gone)
    set_option(settings, "email", keys=(SENDGRID_KEY,), base_url=gone)
    opens = f"AccountName=planted;AccountKey={ACCOUNT_KEY};BlobEndpoint={gone}/planted;"
    opens = f"DefaultEndpointsProtocol=http;{opens}"
    set_option(settings, "blob", connection_string=opens, account_url="")
    return gone


def send_both():
    errors = []
    for call in (
        lambda: gateways.send_otp(to=PHONE, code=CODE, reference="otp:test"),
        lambda: gateways.send_email(
            mail=gateways.OutgoingMail(
                to=ADDRESS,
                subject="s",
                text=f"code {CODE}",
                html="",
                kind="test",
                reference="mail:test",
            )
        ),
    ):
        with pytest.raises(gateways.GatewayError) as caught:
            call()
        errors.append(repr(caught.value) + str(caught.value))
        logging.getLogger("somewhere").error("failed", exc_info=caught.value)
    return errors


def search(log, errors, *issued):
    rows = str(
        [
            list(model.objects.values())
            for model in (GatewayCall, SecurityEvent, Alert, ProviderKey, LogEntry)
        ]
    )
    text = log.getvalue()
    assert "gateway call failed" in text
    for secret in (*PLANTED, *issued):
        assert secret not in text, secret
        assert secret not in rows, secret
        assert secret not in str(errors), secret


def test_providers_that_are_gone(log, planted):
    search(log, send_both())


@pytest.mark.parametrize("answer", ANSWERS)
def test_answers_that_repeat_what_was_sent(log, planted, wire, answer):
    wire.mock.post(f"{planted}/api/v5/otp", **answer)
    wire.mock.post(f"{planted}/v3/mail/send", **answer)

    errors = send_both()

    # An exception of the wire's own making may stand in a traceback, never its secrets.
    text = log.getvalue().replace("planted-body", "")
    search(io.StringIO(text), errors)


@pytest.mark.usefixtures("second_route")
@pytest.mark.parametrize("answer", ANSWERS)
def test_the_second_route_that_fails(log, planted, wire, settings, answer):
    """Twilio is given the whole text, in a form."""
    set_option(settings, "sms_fallback", keys=(MSG91_KEY,), base_url=planted)
    wire.mock.post(re.compile(f"{planted}/2010-04-01/"), **answer)
    text = f"Your One-Time Password (OTP) is {CODE}."

    with pytest.raises(gateways.GatewayError) as caught:
        gateways.send_otp(to=PHONE, code=CODE, reference="otp:test", app="CUSTAP", text=text)
    logging.getLogger("somewhere").error("failed", exc_info=caught.value)

    assert GatewayCall.objects.filter(provider="twilio").exists()
    search(io.StringIO(log.getvalue().replace("planted-body", "")), [repr(caught.value)])


def test_storage_with_its_signed_requests(log, azurite):
    now = timezone.now()
    link = gateways.issue_blob_sas(
        blob="test/a.pdf", permission="create", now=now, content_type="application/pdf"
    ).url
    signature = link.partition("sig=")[2]
    with pytest.raises(gateways.BlobNotFound):
        gateways.get_blob_properties(blob="test/a.pdf", reference="document:test")
    with transport.attempt():
        transport.session().put(link, data=b"x", timeout=3)

    text = log.getvalue()
    assert "urllib3.connectionpool" in text
    assert signature not in text
    assert "SharedKey devstoreaccount1:" not in text


@pytest.mark.parametrize("answer", ANSWERS)
def test_the_api_while_every_provider_fails(log, planted, wire, api_client, monkeypatch, answer):
    """What people typed, and what they were given, is nowhere; what was refused is on record."""
    monkeypatch.setattr("secrets.randbelow", lambda bound: int(CODE))
    wire.mock.assert_all_requests_are_fired = False
    for method in ("POST", "GET", "HEAD", "DELETE"):
        wire.mock.add(method, re.compile(planted), **answer)
    kam = User.objects.create_user(role=Role.KAM, email=ADDRESS, password=PASSWORD)
    customer = User.objects.create_user(role=Role.CUSTOMER, phone="+919800000001")
    staff, own = token_of(kam), token_of(customer)

    api_client.post("/integrations/sendOTP", {"phone": PHONE, "app": "CUSTAP"})
    api_client.post("/integrations/sendEmail", {"template": "password_reset", "to": ADDRESS})
    api_client.post("/auth/login", {"email": ADDRESS, "password": PASSWORD + "!"})
    login = api_client.post("/auth/login", {"email": ADDRESS, "password": PASSWORD}).json()
    api_client.credentials(HTTP_AUTHORIZATION=f"Token {own}")
    assert api_client.get("/integrations/status").status_code == 403
    sas = api_client.get("/documents/sas?docType=KYC&fileName=planted-body.pdf").json()
    api_client.post(f"/documents/{sas['documentId']}/confirm")
    challenge = Challenge.objects.get()
    api_client.post("/integrations/verifyOTP", {"challengeId": str(challenge.pk), "otp": CODE})

    assert GatewayCall.objects.count() >= 3
    assert SecurityEvent.objects.filter(kind="denied").exists()
    # An exception of the wire's own making may stand in a traceback, never its secrets.
    text = log.getvalue().replace("planted-body", "")
    search(io.StringIO(text), [], staff, own, login["token"], sas["sasUrl"].partition("sig=")[2])
