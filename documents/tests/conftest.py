from __future__ import annotations

import re
from typing import Any

import pytest

from documents.tests.building import ETAG, World, make_world
from integrations.testing import azurite_connection, set_option

ACCOUNT = "http://127.0.0.1:10000/devstoreaccount1"
# Signing needs no network, calls are answered at the wire.
CONNECTION_STRING = azurite_connection(ACCOUNT)
BLOBS = f"{ACCOUNT}/docs/"


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture(autouse=True)
def _storage(settings: Any) -> None:
    settings.SOLARIUM_ENV = "test"
    set_option(settings, "blob", connection_string=CONNECTION_STRING, container="docs")
    settings.AZURE_STORAGE_CONTAINER = "docs"


@pytest.fixture
def blobs() -> str:
    """Where the blobs are, to answer for them at the wire."""
    return BLOBS


@pytest.fixture
def _unchanged(wire: Any) -> None:
    """Every blob is the one that was confirmed."""
    wire.mock.head(re.compile(re.escape(BLOBS)), headers={"ETag": ETAG, "Content-Length": "4"})
