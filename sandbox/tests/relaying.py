"""Files in the storage, and links to them."""

from __future__ import annotations

import uuid

import requests
from django.utils import timezone

from integrations import gateways

HEADERS = {"x-ms-blob-type": "BlockBlob", "Content-Type": "application/pdf"}


def some_blob() -> str:
    return f"test/2026/11/{uuid.uuid4()}.pdf"


def link(blob: str, permission: str) -> str:
    return gateways.issue_blob_sas(
        blob=blob,
        permission=permission,
        now=timezone.now(),
        content_type="application/pdf",
        file_name="a.pdf",
    ).url


def put(blob: str, content: bytes = b"%PDF-") -> requests.Response:
    return requests.put(link(blob, "create"), data=content, headers=HEADERS, timeout=10)
