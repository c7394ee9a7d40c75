"""The whole life of a document, against the real storage emulator."""

from __future__ import annotations

import pytest
import requests
from django.utils import timezone

from accounts.models import User
from accounts.roles import App, Role
from accounts.sessions import issue_token
from documents.tests.files import build_pdf

PDF = build_pdf()
pytestmark = pytest.mark.django_db


@pytest.fixture
def customer_client(api_client, azurite):
    user = User.objects.create(role=Role.CUSTOMER, phone="+919876543210")
    token = issue_token(user=user, app=App.CUSTAP, now=timezone.now()).token
    api_client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    return api_client


def upload(client, data=PDF, *, query="docType=KYC", content_type=None):
    granted = client.get(f"/documents/sas?{query}").json()
    headers = granted["headers"] | ({"Content-Type": content_type} if content_type else {})
    assert requests.put(granted["sasUrl"], data=data, headers=headers, timeout=10).ok
    return granted


def confirm(client, granted):
    return client.post(f"/documents/{granted['documentId']}/confirm")


def test_uploaded_confirmed_and_downloaded_byte_for_byte(customer_client):
    granted = upload(customer_client, query="docType=KYC&fileName=kyc.pdf")

    first, again = confirm(customer_client, granted), confirm(customer_client, granted)
    link = customer_client.get(f"/documents/sas?documentId={granted['documentId']}").json()
    answer = requests.get(link["sasUrl"], timeout=10)

    assert first.json()["document"] == again.json()["document"]
    assert first.json()["document"]["state"] == "available"
    assert answer.content == PDF
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''kyc.pdf"


@pytest.mark.parametrize(
    ("query", "data", "content_type", "reason"),
    [
        ("docType=KYC&size=5", PDF, None, "size_mismatch"),
        ("docType=KYC", b"", None, "malformed"),
        ("docType=KYC", PDF, "text/html", "type_mismatch"),
        ("docType=KYC&contentType=image/png", b"x" * (5 * 1024 * 1024 + 1), None, "too_large"),
    ],
)
def test_what_was_not_announced_is_refused_and_deleted(
    customer_client, query, data, content_type, reason
):
    granted = upload(customer_client, data, query=query, content_type=content_type)

    first, again = confirm(customer_client, granted), confirm(customer_client, granted)

    assert (first.status_code, first.json()["code"]) == (422, "document_rejected")
    assert first.json()["reason"] == again.json()["reason"] == reason
    # The link may create again only because the blob is gone.
    assert requests.put(granted["sasUrl"], data=PDF, headers=granted["headers"], timeout=10).ok


def test_nothing_uploaded_is_said_so(customer_client):
    granted = customer_client.get("/documents/sas?docType=KYC").json()

    answer = confirm(customer_client, granted)

    assert (answer.status_code, answer.json()["code"]) == (409, "not_uploaded")
