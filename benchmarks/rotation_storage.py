"""The storage of benchmarks/rotation.py: an account with two keys, uploads, who signed a link."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import requests
from azure.storage.blob import BlobServiceClient
from harness.paths import ROOT

from sandbox.local.children import Children
from sandbox.tests.ports import free_port

ACCOUNT = "solarium"
OLD_KEY, NEW_KEY = (base64.b64encode(secrets.token_bytes(64)).decode() for _ in range(2))
PDF = b"%PDF-1.4\n%%EOF\n"


@contextmanager
def storage(children: Children) -> Iterator[dict[str, str]]:
    """Run the emulator; give what the servers need to know of it."""
    port = free_port()
    emulator = children.start(
        name="azurite",
        command=[
            str(ROOT / "node_modules/.bin/azurite-blob"),
            *("--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", "--silent"),
            *("--blobHost", "127.0.0.1", "--blobPort", str(port)),
        ],
        env={
            **os.environ,
            "AZURITE_ACCOUNTS": f"{ACCOUNT}:{OLD_KEY}:{NEW_KEY}",
        },
    )
    url = f"http://127.0.0.1:{port}/{ACCOUNT}"
    children.wait_until_up(emulator, url=url, seconds=60)
    with BlobServiceClient(url, credential=OLD_KEY) as service:
        service.create_container("docs")
    yield {
        "AZURE_STORAGE_ACCOUNT_URL": "",
        "AZURE_SAS_PROTOCOL": "https,http",
        "AZURE_STORAGE_CONNECTION_STRING": (
            f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};"
            f"AccountKey={OLD_KEY};BlobEndpoint={url};"
        ),
    }


def upload(link: Mapping[str, Any]) -> int:
    """Put a small PDF; return the status."""
    return requests.put(link["sasUrl"], data=PDF, headers=link["headers"], timeout=10).status_code


def signer(url: str) -> str:
    """Say which key signed a link, by signing it again with each."""
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    blob = unquote(parts.path)
    names = ("sp", "st", "se", "", "si", "sip", "spr", "sv", "sr", "", "ses")
    names += ("rscc", "rscd", "rsce", "rscl", "rsct")
    lines = [query.get(name, "") for name in names]
    lines[3] = f"/blob{blob}"
    for name, key in (("old", OLD_KEY), ("new", NEW_KEY)):
        digest = hmac.new(base64.b64decode(key), "\n".join(lines).encode(), hashlib.sha256).digest()
        if base64.b64encode(digest).decode() == query["sig"]:
            return name
    return "neither"
