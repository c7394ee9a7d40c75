"""An upload whose answer never came: the client tries again, is refused, and confirms."""

from __future__ import annotations

import socket
import time
from urllib.parse import urlsplit

import pytest
import requests
from azure.storage.blob import ContainerClient

from accounts.models import User
from accounts.roles import Role
from accounts.testing import authorization
from integrations.testing import AZURITE_KEY
from sandbox.local import pdf

pytestmark = pytest.mark.django_db
CONTENT = pdf.one_page("Lost and found")


@pytest.fixture
def customer(api_client, azurite):
    api_client.credentials(**authorization(User.objects.create_user(role=Role.CUSTOMER)))
    return api_client


@pytest.fixture
def granted(customer):
    return customer.get(f"/documents/sas?docType=KYC&size={len(CONTENT)}").json()


def put_and_hang_up(granted):
    """Send the whole PUT and go before the answer comes."""
    link = urlsplit(granted["sasUrl"])
    headers = granted["headers"] | {"Host": link.netloc, "Content-Length": str(len(CONTENT))}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    with socket.create_connection((link.hostname, link.port), timeout=10) as wire:
        wire.sendall(f"PUT {link.path}?{link.query} HTTP/1.1\r\n{head}\r\n".encode() + CONTENT)


def wait_until_it_is_there(azurite, granted):
    blob = granted["path"].partition("/")[2]
    end = time.monotonic() + 10
    with ContainerClient(azurite, "docs", credential=AZURITE_KEY) as container:
        while not container.get_blob_client(blob).exists():
            assert time.monotonic() < end
            time.sleep(0.05)


@pytest.mark.parametrize("extra", [{}, {"If-None-Match": "*"}])
def test_the_refused_retry_is_settled_by_confirm(customer, azurite, granted, extra):
    """Azurite refuses with 403; Azure may say 409 to the second."""
    put_and_hang_up(granted)
    wait_until_it_is_there(azurite, granted)

    again = requests.put(
        granted["sasUrl"], data=CONTENT, headers=granted["headers"] | extra, timeout=10
    )
    confirmed = customer.post(f"/documents/{granted['documentId']}/confirm")

    assert again.status_code == 403
    assert confirmed.json()["document"]["state"] == "available"
    assert confirmed.json()["document"]["size"] == len(CONTENT)


def test_a_renewed_link_does_not_overwrite_what_came_through(customer, azurite, granted):
    put_and_hang_up(granted)
    wait_until_it_is_there(azurite, granted)

    renewed = customer.post(f"/documents/{granted['documentId']}/renew").json()
    again = requests.put(renewed["sasUrl"], data=b"other", headers=renewed["headers"], timeout=10)

    assert again.status_code == 403
    confirmed = customer.post(f"/documents/{granted['documentId']}/confirm")
    assert confirmed.json()["document"]["size"] == len(CONTENT)


def test_what_never_arrived_is_sent_by_a_renewed_link(customer, azurite, granted):
    confirm = f"/documents/{granted['documentId']}/confirm"
    early = customer.post(confirm)
    assert (early.status_code, early.json()["code"]) == (409, "not_uploaded")

    renewed = customer.post(f"/documents/{granted['documentId']}/renew").json()
    sent = requests.put(renewed["sasUrl"], data=CONTENT, headers=renewed["headers"], timeout=10)

    assert sent.status_code == 201
    assert customer.post(confirm).json()["document"]["state"] == "available"
