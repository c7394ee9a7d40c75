"""The stand-ins on a free port."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from azure.storage.blob import BlobServiceClient

from integrations.testing import AZURITE_KEY
from sandbox.tests.serving import serving


@pytest.fixture
def sandbox_url() -> Iterator[str]:
    """A fresh sandbox."""
    with serving() as url:
        yield url


@pytest.fixture
def relay_url(azurite: str) -> Iterator[str]:
    """A fresh sandbox in front of Azurite."""
    with serving(storage=azurite.removesuffix("/devstoreaccount1")) as url:
        yield url


@pytest.fixture
def storage(relay_url: str, azurite: str, settings: Any) -> str:
    """The account behind the relay, where the backend finds it, too."""
    options = settings.INTEGRATIONS["blob"]["OPTIONS"]
    account = f"{relay_url}/devstoreaccount1"
    options["connection_string"] = options["connection_string"].replace(azurite, account)
    return account


@pytest.fixture
def service(storage: str) -> Iterator[BlobServiceClient]:
    """The SDK with the account's key, through the relay."""
    with BlobServiceClient(storage, credential=AZURITE_KEY, retry_total=0) as service:
        yield service
