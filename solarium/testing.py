"""Fixtures of the whole project."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from rest_framework.test import APIClient

from api import limits


@pytest.fixture(autouse=True)
def _fresh_limits() -> Iterator[None]:
    yield
    limits.reset()


@pytest.fixture(autouse=True)
def _no_waiting(settings: Any) -> None:
    """Retries happen, their waits do not."""
    settings.PROVIDER_RETRY_WAIT_SECONDS = 0


@pytest.fixture
def api_client() -> APIClient:
    client = APIClient()
    client.default_format = "json"
    return client
