"""Files in the storage, and links to them."""

from __future__ import annotations

import uuid

import requests

from integrations.testing import blob_link

HEADERS = {"x-ms-blob-type": "BlockBlob", "Content-Type": "application/pdf"}


def some_blob() -> str:
    return f"test/2026/11/{uuid.uuid4()}.pdf"


def put(blob: str, content: bytes = b"%PDF-") -> requests.Response:
    return requests.put(blob_link(blob, "create"), data=content, headers=HEADERS, timeout=10)
