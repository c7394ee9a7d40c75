"""The key by which a managed identity signs links: one for all processes, never asked per request.

Fetched through the guarded path, kept in the cache under encryption (it signs links to every
blob), and in each process's memory. Renewed an hour before its end by one of all processes; the
others sign with the old one meanwhile, and all do while the storage does not answer.
"""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from azure.storage.blob import UserDelegationKey

from integrations import audit, calls, conf, encryption, shared_cache, turns
from integrations.clients import azure_links
from integrations.clients.azure_blob import AzureBlobClient
from integrations.clients.azure_links import SAS_LIFETIME
from integrations.errors import GatewayError

RENEWED_BEFORE = timedelta(hours=1)
# A link must end before its key does, by the storage's clock (security.md, S44).
OUTLIVES = SAS_LIFETIME + timedelta(minutes=15)
_FIELDS = (
    "signed_oid",
    "signed_tid",
    "signed_start",
    "signed_expiry",
    "signed_service",
    "signed_version",
    "signed_delegated_user_tid",
    "value",
)


@dataclass(frozen=True, kw_only=True)
class _Key:
    """A key and its end; as a receipt of the call that fetched it, it names no message."""

    key: UserDelegationKey = field(repr=False)
    expires_at: datetime
    provider_message_id: str = ""

    def is_usable(self, now: datetime) -> bool:
        return now + OUTLIVES < self.expires_at

    def is_fresh(self, now: datetime) -> bool:
        return now + RENEWED_BEFORE < self.expires_at


_fetching = threading.Lock()
_kept: dict[str, _Key] = {}


def get_key(client: AzureBlobClient, *, now: datetime) -> UserDelegationKey:
    """Return a key that outlives any link that is signed with it now.

    Raises:
        GatewayUnavailable: There is none and the storage does not answer; try again shortly.
        GatewayRejected: The identity may not sign; a human must look.
    """
    name = _name(client)
    mine = _kept.get(name)
    if mine is not None and mine.is_fresh(now):
        return mine.key
    shared = _read(name)
    if shared is not None and shared.is_fresh(now):
        _kept[name] = shared
        return shared.key
    usable = [found for found in (shared, mine) if found is not None and found.is_usable(now)]
    if not usable:
        return _fetch_first(client, name, now).key
    if _may_renew(name):
        try:
            return _fetch(client, name, now).key
        except GatewayError:
            pass  # on record and counted by `calls`; the old one is good for a while
    return usable[0].key


def reset() -> None:
    """Forget what this process knows; for tests."""
    _kept.clear()


def _fetch_first(client: AzureBlobClient, name: str, now: datetime) -> _Key:
    """Fetch where nothing can be signed without: one thread of a process asks, the rest wait."""
    audit.release_connections()
    with turns.turn_given_back():
        _fetching.acquire()
    try:
        for found in (_kept.get(name), _read(name)):
            if found is not None and found.is_usable(now):
                return found
        return _fetch(client, name, now)
    finally:
        _fetching.release()


def _fetch(client: AzureBlobClient, name: str, now: datetime) -> _Key:
    fetched = calls.perform(
        provider=client.provider,
        operation="get_delegation_key",
        recipient="",
        reference="",
        keys=(),
        attempt=lambda _: _key_of(azure_links.get_delegation_key(client, now=now)),
        retry=False,
    )
    _kept[name] = fetched
    fields = {each: getattr(fetched.key, each, None) for each in _FIELDS}
    lifetime = (fetched.expires_at - now).total_seconds()
    sealed = encryption.encrypt(json.dumps(fields))
    shared_cache.ask(lambda cache: cache.set(name, sealed, timeout=lifetime), None)
    return fetched


def _read(name: str) -> _Key | None:
    sealed = shared_cache.ask(lambda cache: cache.get(name), None)
    text = encryption.decrypt(sealed) if isinstance(sealed, str) else None
    if text is None:
        return None
    key = UserDelegationKey()  # type: ignore[no-untyped-call]
    for each, value in json.loads(text).items():
        setattr(key, each, value)
    return _key_of(key)


def _may_renew(name: str) -> bool:
    """Whether it is this call that renews; without the cache each process does, once in a while."""
    seconds = conf.guard().attempt_timeout_seconds * 2
    mark = f"{name}:renewing"
    return shared_cache.ask(lambda cache: cache.add(mark, 1, timeout=seconds), True)


def _key_of(key: UserDelegationKey) -> _Key:
    return _Key(key=key, expires_at=datetime.fromisoformat(str(key.signed_expiry)))


def _name(client: AzureBlobClient) -> str:
    account = hashlib.sha256(client.account_url.encode()).hexdigest()[:16]
    return f"azure-delegation-key:{account}"
