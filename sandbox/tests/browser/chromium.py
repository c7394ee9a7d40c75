"""Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from sandbox.tests.browser.watch import Watch

WIDE, PHONE = {"width": 1280, "height": 860}, {"width": 360, "height": 740}


@contextmanager
def launched() -> Iterator[Browser]:
    """Run a browser; where there is none a test fails and does not skip.

    It keeps a loop in this thread, beside which Django refuses to use the database.
    """
    path = shutil.which("chromium")
    assert path, "Chromium is missing: apt-get install chromium"
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=as_root)
        yield browser
        browser.close()


@contextmanager
def windows(chromium: Browser, watch: Watch, **about: Any) -> Iterator[Callable[..., Page]]:
    """Open windows, each of somebody who was never there; at the end nothing may have gone wrong.

    Args:
        about: What every window is, as Playwright's ``new_context`` takes it.
    """
    contexts: list[BrowserContext] = []

    def open_one(*, viewport: dict[str, int] = WIDE, scheme: str = "light") -> Page:
        context = chromium.new_context(
            viewport=viewport, color_scheme=scheme, locale="en-GB", **about
        )
        contexts.append(context)
        page = context.new_page()
        watch.follow(page)
        return page

    try:
        yield open_one
        watch.assert_nothing_wrong()  # before: what closing breaks off is no fault of the page's
    finally:
        for context in contexts:
            context.close()
