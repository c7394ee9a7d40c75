"""The relay in front of Azurite: everything goes on as it came, unless a fault is ordered."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
import requests
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.storage.blob import BlobSasPermissions, BlobServiceClient, CorsRule, generate_blob_sas

from integrations.testing import AZURITE_ACCOUNT, AZURITE_KEY
from sandbox.tests.calls import order
from sandbox.tests.serving import serving

pytestmark = pytest.mark.slow
ORIGIN = "http://localhost:8025"


@pytest.fixture
def relay(azurite_url: str) -> Iterator[str]:
    parts = urlsplit(azurite_url)
    with serving(storage=f"{parts.scheme}://{parts.netloc}") as url:
        yield url


@pytest.fixture
def service(relay: str) -> Iterator[BlobServiceClient]:
    with BlobServiceClient(
        f"{relay}/{AZURITE_ACCOUNT}", credential=AZURITE_KEY, retry_total=0
    ) as client:
        yield client


def link(relay: str, blob: str, right: str) -> str:
    token = generate_blob_sas(
        account_name=AZURITE_ACCOUNT,
        container_name="docs",
        blob_name=blob,
        account_key=AZURITE_KEY,
        permission=BlobSasPermissions.from_string(right),
        expiry=datetime.now(UTC) + timedelta(minutes=5),
        protocol="https,http",
    )
    return f"{relay}/{AZURITE_ACCOUNT}/docs/{blob}?{token}"


def test_a_big_file_goes_up_and_down_by_links_byte_for_byte(relay: str) -> None:
    blob, content = f"dev/{secrets.token_hex(8)} ä.bin", secrets.token_bytes(10 * 1024 * 1024)

    put = requests.put(
        link(relay, blob, "c"), data=content, headers={"x-ms-blob-type": "BlockBlob"}, timeout=30
    )
    got = requests.get(link(relay, blob, "r"), timeout=30)

    assert put.status_code == 201
    assert put.headers["ETag"]
    assert hashlib.sha256(got.content).digest() == hashlib.sha256(content).digest()


def test_the_sdk_with_the_accounts_key(service: BlobServiceClient) -> None:
    there = service.get_blob_client("docs", f"dev/{secrets.token_hex(8)}.txt")

    there.upload_blob(b"0123456789")

    assert there.download_blob(offset=2, length=3).readall() == b"234"
    assert there.get_blob_properties().size == 10
    there.delete_blob()
    with pytest.raises(ResourceNotFoundError):
        there.get_blob_properties()


def test_azurite_itself_answers_what_browsers_ask_first(
    relay: str, service: BlobServiceClient
) -> None:
    rule = CorsRule([ORIGIN], ["PUT"], allowed_headers=["*"], max_age_in_seconds=60)
    service.set_service_properties(cors=[rule])
    asked = {"Access-Control-Request-Method": "PUT"}

    ours = requests.options(
        link(relay, "a.pdf", "c"), headers={"Origin": ORIGIN, **asked}, timeout=10
    )
    foreign = requests.options(
        link(relay, "a.pdf", "c"), headers={"Origin": "http://foreign.example", **asked}, timeout=10
    )

    assert ours.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Access-Control-Allow-Origin" not in foreign.headers


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("500", 500, "InternalError"),
        ("429", 503, "ServerBusy"),
        ("bad-key", 403, "AuthenticationFailed"),
    ],
)
def test_its_faults_are_azures(
    relay: str, service: BlobServiceClient, fault: str, status: int, code: str
) -> None:
    order(relay, "azure_blob", fault, 2)

    with pytest.raises(HttpResponseError) as raised:
        service.get_container_client("docs").get_container_properties()

    assert raised.value.status_code == status
    assert raised.value.error_code == code
    assert (
        requests.get(link(relay, "a.pdf", "r"), timeout=10).status_code == status
    )  # browsers, too
    assert service.get_container_client("docs").exists()


def test_down_is_a_broken_connection_for_all(relay: str) -> None:
    order(relay, "azure_blob", "reset", 1)

    with pytest.raises(requests.ConnectionError, match="Connection aborted"):
        requests.put(link(relay, "a.pdf", "c"), data=b"x", timeout=10)


def test_azurite_that_is_gone_is_502() -> None:
    with serving(storage="http://127.0.0.1:1") as url:
        assert requests.get(f"{url}/{AZURITE_ACCOUNT}/", timeout=10).status_code == 502


def test_without_azurite_no_storage_stands_here(sandbox_url: str) -> None:
    assert requests.get(f"{sandbox_url}/{AZURITE_ACCOUNT}/", timeout=10).status_code == 404
