"""The admin in a real browser: it logs in, everything loads from us, nothing breaks the policy.

With ``SCREENSHOTS=1`` the pictures of the README are taken anew, into ``docs/images/``.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.utils import timezone

from solarium.tests.browser import seed
from solarium.tests.browser.pages import PHONE, WIDE, aside, log_in, overflow, show_timeline

# Not on SQLite: in memory it is one connection, which server and test would have to share.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

IMAGES = Path(__file__).resolve().parents[3] / "docs" / "images"


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    if not os.environ.get("SCREENSHOTS"):
        return tmp_path
    IMAGES.mkdir(exist_ok=True)
    return IMAGES


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

    page.get_by_text("The first step of a login in CPAPP and CUSTAP").wait_for()
    page.get_by_text("resend_too_soon").first.wait_for()
