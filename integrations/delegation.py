"""The key by which a managed identity signs links: fetched through the guarded path, then kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from azure.storage.blob import UserDelegationKey

from integrations import calls
from integrations.clients import azure_blob


@dataclass(frozen=True)
class _KeyReceipt:
    key: UserDelegationKey
    provider_message_id: str = ""


def get_key(client: azure_blob.AzureBlobClient, *, now: datetime) -> UserDelegationKey:
    """Return the process's key, fetched where the last one is about to end.

    Raises:
        GatewayUnavailable: The storage does not answer; try again shortly.
        GatewayRejected: The identity may not sign; a human must look.
    """
    cached = azure_blob.cached_delegation_key(account_url=client.account_url, now=now)
    if cached is not None:
        return cached
    key = calls.perform(
        provider=client.provider,
        operation="get_delegation_key",
        recipient="",
        reference="",
        keys=(),
        attempt=lambda _: _KeyReceipt(client.get_delegation_key(now=now)),
        retry=False,
    ).key
    azure_blob.keep_delegation_key(account_url=client.account_url, key=key, now=now)
    return key
