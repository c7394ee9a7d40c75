"""The admin in a real browser: it logs in, everything loads from us, nothing breaks the policy.

With ``SCREENSHOTS=1`` the pictures of the README are taken anew, into ``docs/images/``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Browser, Page

from solarium.admin.dashboard_pages import DAY_KEY
from solarium.tests.admin_world import PASSWORD, code_of, make_staff
from solarium.tests.browser import seed

# Not on SQLite: in memory it is one connection, which server and test would have to share.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

T = TypeVar("T")
IMAGES = Path(__file__).resolve().parents[3] / "docs" / "images"
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    if not os.environ.get("SCREENSHOTS"):
        return tmp_path
    IMAGES.mkdir(exist_ok=True)
    return IMAGES


@pytest.fixture
def open_page(chromium: Browser, live_server: Any) -> Iterator[Any]:
    """Open pages; at the end nothing may have come from elsewhere or been refused by the policy."""
    cache.delete(DAY_KEY)  # another test's day
    problems: list[str] = []
    contexts = []

    def open_one(*, viewport: dict[str, int], scheme: str = "light") -> Page:
        context = chromium.new_context(
            base_url=live_server.url, viewport=viewport, color_scheme=scheme, locale="en-GB"
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda line: line.type == "error" and problems.append(line.text))
        page.on("requestfailed", lambda request: problems.append(request.url))
        page.on(
            "request",
            lambda request: (
                request.url.startswith((live_server.url, "data:"))
                or problems.append(f"foreign: {request.url}")
            ),
        )
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not problems


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


@pytest.mark.parametrize(
    ("name", "viewport", "scheme"),
    [("light", WIDE, "light"), ("dark", WIDE, "dark"), ("phone", PHONE, "light")],
)
def test_pages_are_usable(open_page, pictures, name, viewport, scheme):
    aside(lambda: seed.fill(now=timezone.now()))
    page = open_page(viewport=viewport, scheme=scheme)
    log_in(page)
    tall = name == "phone"

    assert page.get_by_text("Too many failures").is_visible()
    assert page.locator("svg.so-chart rect").count() > 100
    assert overflow(page) <= 0
    page.screenshot(path=pictures / f"dashboard-{name}.png", full_page=True)

    page.goto("/admin/integrations/gatewaycall/")
    assert page.get_by_text("send_otp").count() > 5
    assert overflow(page) <= 0
    page.screenshot(path=pictures / f"calls-{name}.png", full_page=False)

    show_timeline(page)
    assert page.get_by_text("+91******5678").is_visible()
    assert page.get_by_text("HTTP 200").count() >= 2
    assert seed.PHONE not in page.content()
    assert overflow(page) <= 0
    page.screenshot(path=pictures / f"timeline-{name}.png", full_page=tall)


def test_the_login_page(open_page, pictures):
    page = open_page(viewport=PHONE)
    page.goto("/admin/")

    assert overflow(page) <= 0
    page.screenshot(path=pictures / "login-phone.png")
    page.get_by_label("Email").fill("nobody@solarium.example")
    page.get_by_label("Password").fill("x")
    page.get_by_role("button", name="Log in").click()
    assert page.get_by_text("is not right").is_visible()


def test_the_dashboard_renews_itself(open_page):
    page = open_page(viewport=WIDE)
    page.clock.install()
    log_in(page)
    assert not page.get_by_text("Too many failures").is_visible()
    aside(lambda: seed.fill(now=timezone.now()))

    with page.expect_response("**/admin/live"):
        page.clock.fast_forward(31_000)

    page.get_by_text("Too many failures").wait_for()


def test_menus_work_under_the_policy(open_page):
    """Unfold's Alpine.js needs 'unsafe-eval'; without it the filters never open."""
    aside(lambda: seed.fill(now=timezone.now()))
    page = open_page(viewport=WIDE)
    log_in(page)
    page.goto("/admin/integrations/gatewaycall/")

    page.get_by_text("Filters").first.click()

    page.get_by_role("link", name="msg91").or_(page.get_by_label("msg91")).first.wait_for()


def test_the_apis_description_opens_from_the_menu(open_page):
    """As in production: DEBUG is off, and the page fetches the schema by itself."""
    page = open_page(viewport=WIDE)
    log_in(page)

    page.locator("a[href='/api/docs']").click()
    page.locator("#operations-OTP-sendOTP button").first.click()

    assert page.get_by_text("The first step of a login in CPAPP and CUSTAP").is_visible()
    assert page.get_by_text("resend_too_soon").first.is_visible()
