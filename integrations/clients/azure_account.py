"""How the storage account is set up, as far as its data plane tells and lets us change it.

Read 2026-11-24 in azure-storage-blob 12.31.1. CORS and soft delete are properties of the blob
service: at most five CORS rules, and what is not given stays as it is. Versioning, life-cycle
rules and the TLS version are Azure's management API's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from azure.storage.blob import CorsRule, RetentionPolicy

from integrations.clients.azure_blob import AzureBlobClient
from integrations.clients.azure_errors import verdict
from integrations.results import Done

# What an upload and a download of ours need, and no more (providers.md 3.3).
CORS_METHODS = ("GET", "HEAD", "PUT")
CORS_HEADERS = (
    "x-ms-blob-type",
    "content-type",
    "content-md5",
    "if-none-match",
    "x-ms-version",
    "x-ms-blob-content-type",
)
CORS_EXPOSED = ("etag", "x-ms-request-id", "x-ms-error-code", "content-md5")
CORS_SECONDS = 3600


@dataclass(frozen=True, kw_only=True)
class ServiceFound:
    """The blob service as it is; ``soft_delete_days``: 0 is off."""

    soft_delete_days: int
    cors: tuple[tuple[str, ...], ...]
    """Of each rule origins, methods, headers, exposed headers and seconds."""
    provider_message_id: str = ""


def cors_rules(origins: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Return the rules as `ServiceFound` would show them: one, or none without origins."""
    if not origins:
        return ()
    rule = (
        ",".join(sorted(origins)),
        ",".join(CORS_METHODS),
        ",".join(sorted(CORS_HEADERS)),
        ",".join(sorted(CORS_EXPOSED)),
        str(CORS_SECONDS),
    )
    return (rule,)


def look_at_service(client: AzureBlobClient, *, key: str) -> ServiceFound:
    """Look at the service's properties, once.

    Raises:
        AttemptFailed: Timeout, connection error or 5xx.
        GatewayError: The storage says no.
    """
    with verdict("look_at_service"):
        found: dict[str, Any] = client.service(key).get_service_properties()
    kept = found["delete_retention_policy"]
    return ServiceFound(
        soft_delete_days=int(kept.days or 0) if kept.enabled else 0,
        cors=tuple(_shown(rule) for rule in found["cors"] or ()),
    )


def make_container(client: AzureBlobClient, *, key: str) -> Done:
    """Make the container, private, once; raises as `look_at_service`."""
    with verdict("make_container"):
        client.service(key).create_container(client.container)
    return Done(provider=client.provider)


def close_container(client: AzureBlobClient, *, key: str) -> Done:
    """Take public access away, once; raises as `look_at_service`.

    Stored access policies go with it: links of ours have none, and one that somebody made lets in
    whoever holds a link by it.
    """
    with verdict("close_container"):
        container = client.service(key).get_container_client(client.container)
        container.set_container_access_policy(signed_identifiers={}, public_access=None)
    return Done(provider=client.provider)


def set_service(
    client: AzureBlobClient, *, key: str, origins: tuple[str, ...], soft_delete_days: int
) -> Done:
    """Set CORS and soft delete, once; raises as `look_at_service`. Other properties stay."""
    rules = [
        CorsRule(
            allowed_origins=sorted(origins),
            allowed_methods=list(CORS_METHODS),
            allowed_headers=sorted(CORS_HEADERS),
            exposed_headers=sorted(CORS_EXPOSED),
            max_age_in_seconds=CORS_SECONDS,
        )
    ]
    with verdict("set_service"):
        client.service(key).set_service_properties(
            cors=rules if origins else [],
            delete_retention_policy=RetentionPolicy(enabled=True, days=soft_delete_days),
        )
    return Done(provider=client.provider)


def _shown(rule: CorsRule) -> tuple[str, ...]:
    return (
        ",".join(sorted(_names(rule.allowed_origins))),
        ",".join(sorted(_names(rule.allowed_methods))),
        ",".join(sorted(name.lower() for name in _names(rule.allowed_headers))),
        ",".join(sorted(name.lower() for name in _names(rule.exposed_headers))),
        str(rule.max_age_in_seconds),
    )


def _names(value: str | list[str]) -> list[str]:
    """The SDK gives what it read as one text, and lists back as lists."""
    text = value if isinstance(value, str) else ",".join(value)
    return [name.strip() for name in text.split(",") if name.strip()]
