"""The ledger of links: one row before a link leaves, never changed afterwards (S44, S50)."""

from __future__ import annotations

import hashlib
from base64 import b64decode
from datetime import datetime
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from api import rows
from documents.models import Document, Right, SASGrant
from integrations import gateways


def record(
    *,
    user_id: UUID,
    document: Document,
    right: Right,
    sas: gateways.BlobSAS,
    client_address: str,
    now: datetime,
) -> None:
    """Insert who got which right on which blob, when, from where and until when."""
    rows.insert(
        SASGrant(
            signature_sha256=signature_sha256(sas.url),
            user_id=user_id,
            right=right,
            document=document,
            blob_name=document.blob_name,
            client_address=client_address,
            issued_at=now,
            expires_at=sas.expires_at,
            correlation_id=gateways.correlation_id(),
        )
    )


def signature_sha256(url: str) -> str:
    """Return the SHA-256 (hex) of a link's decoded signature: it opens nothing."""
    signature = parse_qs(urlsplit(url).query)["sig"][0]
    return hashlib.sha256(b64decode(signature)).hexdigest()
