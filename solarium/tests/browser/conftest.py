from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser

from sandbox.tests.browser.chromium import launched, windows
from sandbox.tests.browser.watch import Watch
from solarium.admin.dashboard_pages import DAY_KEY


@pytest.fixture
def chromium(live_server: Any) -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def watch(live_server: Any) -> Watch:
    """A page that goes wrong in a way that the test did not expect fails the test."""
    return Watch(origins=(live_server.url,))


@pytest.fixture
def open_page(chromium: Browser, live_server: Any, watch: Watch) -> Iterator[Any]:
    """Open pages of the server."""
    cache.delete(DAY_KEY)  # another test's day
    with windows(chromium, watch, base_url=live_server.url) as open_window:
        yield open_window
