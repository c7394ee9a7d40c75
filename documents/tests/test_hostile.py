"""Files that are not what they claim to be, through the API and on the real storage emulator."""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from typing import Any

import pytest
import requests
from azure.storage.blob import BlobServiceClient, ContentSettings
from rest_framework.test import APIClient

from documents.models import Document
from documents.tests import hostile
from documents.tests.building import World
from documents.tests.files import build_pdf

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("azurite")]
WRONG_MD5 = b64encode(hashlib.md5(b"another").digest()).decode()  # noqa: S324  (as Azure does)
FILES = {file.name: file for file in hostile.files()}


@pytest.fixture
def customer(world: World) -> APIClient:
    return world.client("customer")


def upload(client: APIClient, content: bytes, *, headers: Any = None, **query: str) -> Any:
    """Ask for a link, use it, and return what was granted and what the storage said."""
    granted = client.get("/documents/sas", {"docType": "KYC", **query}).json()
    sent = granted["headers"] | (headers or {})
    return granted, requests.put(granted["sasUrl"], data=content, headers=sent, timeout=10)


def confirm(client: APIClient, granted: dict[str, Any]) -> Any:
    return client.post(f"/documents/{granted['documentId']}/confirm")


@pytest.mark.parametrize("name", FILES)
def test_is_refused_with_its_reason_and_deleted(customer: APIClient, name: str) -> None:
    """S47, S48."""
    file = FILES[name]
    granted, stored = upload(customer, file.content, contentType=file.content_type)
    assert stored.status_code == 201

    first, again = confirm(customer, granted), confirm(customer, granted)

    assert (first.status_code, first.json()["code"]) == (422, "document_rejected")
    assert first.json()["reason"] == again.json()["reason"] == file.reason
    shown = customer.get(f"/documents/{granted['documentId']}").json()["document"]
    assert (shown["state"], shown["reason"]) == ("rejected", file.reason)
    # The link may create again only because the blob is gone; and that changes nothing.
    put = requests.put(granted["sasUrl"], data=build_pdf(), headers=granted["headers"], timeout=10)
    assert put.status_code == 201
    assert confirm(customer, granted).json()["reason"] == file.reason


def test_there_are_all_kinds_of_them() -> None:
    reasons = {file.reason for file in FILES.values()}

    assert len(FILES) >= 50
    assert reasons == {"type_mismatch", "malformed", "encrypted", "active_content", "too_large"}


def test_a_locked_pdf_is_told_to_be_unlocked(customer: APIClient) -> None:
    locked = FILES["locked by a password, AES-256"]
    granted, _ = upload(customer, locked.content)

    assert "unlock" in confirm(customer, granted).json()["detail"]


def test_another_digest_than_announced(customer: APIClient) -> None:
    granted, _ = upload(customer, build_pdf(), sha256=hashlib.sha256(b"another").hexdigest())

    assert confirm(customer, granted).json()["reason"] == "checksum_mismatch"


@pytest.mark.parametrize("header", ["Content-MD5", "x-ms-blob-content-md5"])
def test_a_wrong_md5_is_refused_by_the_storage(customer: APIClient, header: str) -> None:
    granted, stored = upload(customer, build_pdf(), headers={header: WRONG_MD5})

    assert stored.status_code == 400
    assert confirm(customer, granted).json()["code"] == "not_uploaded"


def test_a_wrong_md5_that_the_storage_keeps_is_refused_by_us(
    customer: APIClient, settings: Any
) -> None:
    granted, _ = upload(customer, build_pdf())
    account = settings.INTEGRATIONS["blob"]["OPTIONS"]["connection_string"]
    with BlobServiceClient.from_connection_string(account) as service:
        blob = service.get_blob_client("docs", granted["path"].removeprefix("docs/"))
        blob.set_http_headers(
            ContentSettings(
                content_type="application/pdf", content_md5=bytearray(b64decode(WRONG_MD5))
            )
        )

    assert confirm(customer, granted).json()["reason"] == "checksum_mismatch"


def test_another_size_than_announced(customer: APIClient) -> None:
    granted, _ = upload(customer, build_pdf(), size="5")

    assert confirm(customer, granted).json()["reason"] == "size_mismatch"
    assert Document.objects.get().size is None
