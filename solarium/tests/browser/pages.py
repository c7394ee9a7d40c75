"""What the tests of the admin in a browser share: the way in, and the database beside it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection
from playwright.sync_api import Page

from solarium.tests.admin_world import PASSWORD, code_of, make_staff
from solarium.tests.browser import seed

T = TypeVar("T")
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


def aside(act: Callable[[], T]) -> T:
    """Use the database in a thread of its own, away from Playwright's loop."""

    def run() -> T:
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(run).result()


def log_in(page: Page) -> None:
    user = aside(make_staff)
    page.goto("/admin/")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Code from your authenticator app").fill(aside(lambda: code_of(user)))
    page.get_by_role("button", name="Log in").click()
    page.wait_for_selector("#dashboard")


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


def show_timeline(page: Page) -> None:
    page.goto("/admin/timeline")
    page.get_by_label("Phone, email or document id").fill(seed.PHONE)
    page.get_by_role("button", name="Show").click()
    page.wait_for_selector(".so-timeline")
