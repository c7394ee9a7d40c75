"""What a person sees of the backend itself can be read and used by everybody (axe-core)."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from accounts import reset_links
from documents.models import Document
from integrations.models import Alert, GatewayCall
from sandbox.tests.browser.axe import assert_no_grave_fault
from solarium.tests.admin_world import make_staff
from solarium.tests.browser import seed
from solarium.tests.browser.pages import PHONE, WIDE, aside, log_in, overflow, show_timeline

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

LISTS = (
    "accounts/securityevent",
    "accounts/user",
    "documents/document",
    "integrations/alert",
    "integrations/gatewaycall",
    "integrations/providerkey",
    "otp/challenge",
)


def pages_of_one_thing() -> list[str]:
    call, document, alert = (kind.objects.first().pk for kind in (GatewayCall, Document, Alert))
    return [
        f"integrations/gatewaycall/{call}/change/",
        f"documents/document/{document}/change/",
        f"integrations/alert/{alert}/seen",
        "switches",
        "switches/msg91",
    ]


@pytest.mark.parametrize(
    ("viewport", "scheme"), [(WIDE, "light"), (WIDE, "dark"), (PHONE, "light")]
)
def test_the_admin(open_page, viewport, scheme):
    aside(lambda: seed.fill(now=timezone.now()))
    things = aside(pages_of_one_thing)
    page = open_page(viewport=viewport, scheme=scheme)
    page.goto("/admin/")
    assert_no_grave_fault(page)
    log_in(page)
    assert_no_grave_fault(page)

    show_timeline(page)
    assert_no_grave_fault(page)

    for name in LISTS:
        page.goto(f"/admin/{name}/")
        page.locator("#result_list").wait_for()
        assert_no_grave_fault(page)
    for path in things:
        page.goto(f"/admin/{path}")
        assert page.locator("h1").count() == 1, path
        assert_no_grave_fault(page)


def test_a_refused_login(open_page):
    page = open_page(viewport=WIDE)
    page.goto("/admin/")
    page.get_by_label("Email").fill("nobody@solarium.example")
    page.get_by_label("Password").fill("x")
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("alert").wait_for()

    assert_no_grave_fault(page)


def test_the_page_behind_a_reset_link(open_page, watch):
    watch.expect("status of 400 .*/auth/password/reset/")
    link = urlsplit(aside(lambda: reset_links.make_link(user=make_staff()))).path
    page = open_page(viewport=PHONE)
    page.goto(link)
    assert_no_grave_fault(page)

    page.get_by_label("New password").fill("short")
    page.get_by_label("again").fill("other")
    page.get_by_role("button").click()
    page.get_by_role("alert").first.wait_for()
    assert_no_grave_fault(page)

    page.get_by_label("New password").fill("quite another passphrase")
    page.get_by_label("again").fill("quite another passphrase")
    page.get_by_role("button").click()
    page.get_by_role("status").wait_for()
    assert_no_grave_fault(page)

    page.goto(link)
    page.get_by_role("alert").wait_for()
    assert overflow(page) <= 0
    assert_no_grave_fault(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_description_of_the_api(open_page, settings, scheme):
    settings.DEBUG = True
    page = open_page(viewport=WIDE, scheme=scheme)
    page.goto("/api/docs")
    operation = page.get_by_role("button", name="/integrations/sendOTP").first
    operation.wait_for()
    assert_no_grave_fault(page)

    operation.click()
    page.get_by_text("resend_too_soon").first.wait_for()
    assert_no_grave_fault(page)
