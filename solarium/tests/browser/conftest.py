from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, Page

from sandbox.tests.browser.chromium import launched
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
    """Open pages; at the end nothing may have come from elsewhere or been refused by the policy."""
    cache.delete(DAY_KEY)  # another test's day
    contexts = []

    def open_one(*, viewport: dict[str, int], scheme: str = "light") -> Page:
        context = chromium.new_context(
            base_url=live_server.url, viewport=viewport, color_scheme=scheme, locale="en-GB"
        )
        contexts.append(context)
        page = context.new_page()
        watch.follow(page)
        return page

    yield open_one
    try:
        watch.assert_nothing_wrong()  # before: what closing breaks off is no fault of the page's
    finally:
        for context in contexts:
            context.close()
