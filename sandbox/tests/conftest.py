"""The stand-ins on a free port."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from azure.storage.blob import BlobServiceClient

from integrations.testing import (
    AZURITE_ACCOUNT,
    AZURITE_KEY,
    azurite_connection,
    set_option,
)
from sandbox.tests.serving import serving


@pytest.fixture
def sandbox_url() -> Iterator[str]:
    """A fresh sandbox."""
    with serving() as url:
        yield url


@pytest.fixture
def relay_url(azurite: str) -> Iterator[str]:
    """A fresh sandbox in front of Azurite."""
    with serving(storage=azurite.removesuffix(f"/{AZURITE_ACCOUNT}")) as url:
        yield url


@pytest.fixture
def storage(relay_url: str, azurite: str, settings: Any, db: None) -> str:
    """The account behind the relay, where the backend finds it, too.

    With the database: a link is signed only after a look at the switches, which age in seconds.
    """
    account = f"{relay_url}/{AZURITE_ACCOUNT}"
    set_option(settings, "blob", connection_string=azurite_connection(account))
    return account


@pytest.fixture
def service(storage: str) -> Iterator[BlobServiceClient]:
    """The SDK with the account's key, through the relay."""
    with BlobServiceClient(storage, credential=AZURITE_KEY, retry_total=0) as service:
        yield service
