"""A managed identity's links against the emulator: https, an Entra token, a real delegation key."""

from __future__ import annotations

import base64
import copy
import io
import json
import socket
import subprocess
import time
import uuid

import pytest
import requests
from azure.core.credentials import AccessToken
from azure.storage.blob import BlobServiceClient
from django.core.cache import cache
from django.core.management import call_command

from integrations import delegation, gateways
from integrations.clients import azure_service
from integrations.models import GatewayCall
from integrations.testing import AZURITE, AZURITE_ACCOUNT, blob_link

TENANT = "ab1f708d-50f6-404c-a006-d71b2ac7a606"
PDF = b"%PDF-1.4 a small file %%EOF"
pytestmark = [pytest.mark.slow, pytest.mark.django_db]


def token():
    """As Entra's, but that nobody signed it: the emulator's `--oauth basic` reads the claims."""

    def part(claims):
        return base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()

    now = int(time.time())
    claims = {
        "aud": "https://storage.azure.com",
        "iss": f"https://sts.windows.net/{TENANT}/",
        "iat": now - 60,
        "nbf": now - 60,
        "exp": now + 3600,
        "oid": "23657296-5cd5-45b0-a809-d972a7f4dfe1",
        "tid": TENANT,
    }
    return f"{part({'alg': 'RS256', 'typ': 'JWT'})}.{part(claims)}.c2lnbmF0dXJl"


class Identity:
    """As azure-identity's, without the network of a machine in Azure."""

    def __init__(self, **options):
        pass

    def get_token(self, *scopes, **kwargs):
        return AccessToken(token(), int(time.time()) + 3600)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(key), "-out", str(cert)),
        ],
        check=True,
        capture_output=True,
    )
    return cert, key


@pytest.fixture(scope="module")
def account(certificate):
    """The emulator as one that knows identities; its blob endpoint."""
    cert, key = certificate
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        str(AZURITE.resolve()),
        *("--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", "--silent"),
        *("--blobHost", "127.0.0.1", "--blobPort", str(port)),
        *("--oauth", "basic", "--cert", str(cert), "--key", str(key)),
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            url = f"https://127.0.0.1:{port}/{AZURITE_ACCOUNT}"
            wait_for(port)
            with BlobServiceClient(
                url, credential=Identity(), connection_verify=str(cert)
            ) as service:
                service.create_container("docs")
            yield url
        finally:
            process.terminate()


def wait_for(port):
    end = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.1)
        else:
            return


@pytest.fixture
def identity(account, certificate, settings, monkeypatch):
    channels = copy.deepcopy(settings.INTEGRATIONS)
    channels["blob"]["OPTIONS"] |= {
        "connection_string": "", "account_url": account, "container": "docs",
    }  # fmt: skip
    settings.INTEGRATIONS = channels
    monkeypatch.setattr(azure_service, "ManagedIdentityCredential", Identity)
    # Our session trusts the public authorities; here it has to trust this one.
    monkeypatch.setattr(requests.adapters, "DEFAULT_CA_BUNDLE_PATH", str(certificate[0]))
    azure_service._service.cache_clear()
    delegation.reset()
    cache.clear()
    yield
    azure_service._service.cache_clear()
    delegation.reset()


def test_links_upload_once_and_read_and_no_more(identity, certificate):
    blob = f"test/2026/11/{uuid.uuid4()}.pdf"
    verify = str(certificate[0])
    create, read = blob_link(blob, "create"), blob_link(blob, "read")

    def put(url):
        headers = {"x-ms-blob-type": "BlockBlob"}
        return requests.put(url, data=PDF, headers=headers, verify=verify, timeout=10).status_code

    assert put(create) == 201
    assert put(create) == 403
    assert put(read) == 403
    assert requests.get(create, verify=verify, timeout=10).status_code == 403
    assert requests.get(read, verify=verify, timeout=10).content == PDF
    tampered = read.replace("sp=r", "sp=rcw")
    assert requests.get(tampered, verify=verify, timeout=10).status_code == 403
    calls = GatewayCall.objects.values_list("operation", "outcome")
    assert list(calls) == [("get_delegation_key", "accepted")]


def test_the_identity_also_looks_and_deletes(identity, certificate):
    blob = f"test/2026/11/{uuid.uuid4()}.pdf"
    headers = {"x-ms-blob-type": "BlockBlob"}
    requests.put(
        blob_link(blob, "create"), data=PDF, headers=headers, verify=str(certificate[0]), timeout=10
    )

    assert gateways.get_blob_properties(blob=blob, reference="test").size == len(PDF)
    gateways.delete_blob(blob=blob, reference="test")

    with pytest.raises(gateways.BlobNotFound):
        gateways.get_blob_properties(blob=blob, reference="test")


def test_the_storage_is_set_up_and_checked_by_the_identity(identity, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://portal.solarium.example"]

    def warnings():
        out = io.StringIO()
        call_command("check_providers", json=True, stdout=out)
        found = [each for each in json.loads(out.getvalue()) if each["provider"] == "azure_blob"]
        assert found[0]["result"] == "ok"
        return [each["detail"] for each in found[1:]]

    before = warnings()
    call_command("setup_storage", stdout=io.StringIO())

    assert before[0].startswith("Soft delete of blobs is off")
    assert warnings() == []
