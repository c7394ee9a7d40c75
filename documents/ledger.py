"""The ledger of links: one row before a link leaves, never changed afterwards (S44, S50)."""

from __future__ import annotations

import hashlib
import logging
from base64 import b64decode
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from accounts.models import User
from api import rows
from documents.models import Document, Right, SASGrant
from integrations import gateways

logger = logging.getLogger(__name__)


def record(
    *,
    user: User,
    document: Document,
    right: Right,
    sas: gateways.BlobSAS,
    client_address: str,
    now: datetime,
) -> None:
    """Insert who got which right on which blob, when, from where and until when.

    Args:
        client_address: Where the link goes to.
    """
    rows.insert(
        SASGrant(
            signature_sha256=signature_sha256(sas.url),
            user=user,
            right=right,
            document=document,
            blob_name=document.blob_name,
            client_address=client_address,
            issued_at=now,
            expires_at=sas.expires_at,
            correlation_id=gateways.correlation_id(),
        )
    )
    logger.info("sas issued", extra={"document_id": str(document.pk), "permission": right.value})


def signature_sha256(url: str) -> str:
    """Return the SHA-256 (hex) of a link's decoded signature: it opens nothing."""
    signature = parse_qs(urlsplit(url).query)["sig"][0]
    return hashlib.sha256(b64decode(signature)).hexdigest()
