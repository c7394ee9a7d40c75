"""Links that give a right on one blob: signed by the account key or by a user-delegation key.

Read 2026-11-24 in azure-storage-blob 12.31.1 and learn.microsoft.com. Signing with an account key
needs no network. ``protocol`` is not defaulted by the SDK, whatever its docstring says. A SAS can
limit neither size nor type: confirming does.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import quote

from azure.storage.blob import BlobSasPermissions, UserDelegationKey, generate_blob_sas

from integrations.clients.azure_blob import AzureBlobClient
from integrations.clients.azure_errors import verdict
from integrations.errors import GatewayProtocolError
from integrations.results import BlobSAS

SAS_LIFETIME = timedelta(minutes=30)
SAS_CLOCK_SKEW = timedelta(minutes=5)
DELEGATION_KEY_LIFETIME = timedelta(hours=12)


def issue_sas(
    client: AzureBlobClient,
    *,
    key: str | UserDelegationKey,
    blob: str,
    permission: Literal["create", "read"],
    now: datetime,
    content_type: str,
    file_name: str,
) -> BlobSAS:
    """Sign one right on one blob, with an account key or a delegation key. No network."""
    account_key = key if isinstance(key, str) else ""
    service = client.service(account_key)
    expires_at = (now + SAS_LIFETIME).replace(microsecond=0)  # a link says whole seconds
    response_headers: dict[str, str] = {}
    if permission == "read":
        response_headers = {
            "content_disposition": f"attachment; filename*=UTF-8''{quote(file_name, safe='')}",
            "content_type": content_type,
            "cache_control": "private, no-store",
        }
    token = generate_blob_sas(
        account_name=str(service.account_name),
        container_name=client.container,
        blob_name=blob,
        account_key=account_key or None,
        user_delegation_key=None if isinstance(key, str) else key,
        permission=BlobSasPermissions(create=permission == "create", read=permission == "read"),
        start=now - SAS_CLOCK_SKEW,
        expiry=expires_at,
        protocol=client.sas_protocol,
        **response_headers,  # type: ignore[arg-type]  # all optional strings of the SDK
    )
    # As the SDK's blob client would write it; making one costs more than the signature does.
    url = f"{service.url}{quote(client.container)}/{quote(blob, safe='~/')}"
    return BlobSAS(url=f"{url}?{token}", expires_at=expires_at)


def get_delegation_key(client: AzureBlobClient, *, now: datetime) -> UserDelegationKey:
    """Fetch a user-delegation key, once.

    Raises:
        AttemptFailed: Timeout, connection error or 5xx.
        GatewayError: The storage says no, or gives what is no key.
    """
    with verdict("get_delegation_key"):
        try:
            return client.service("").get_user_delegation_key(
                now - SAS_CLOCK_SKEW, now + DELEGATION_KEY_LIFETIME
            )
        except AttributeError:  # the SDK's word for a key that lacks a part
            raise GatewayProtocolError(
                provider=client.provider, operation="get_delegation_key", provider_code="unreadable"
            ) from None
