"""Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright


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
