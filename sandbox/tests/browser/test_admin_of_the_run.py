"""The admin beside the console: ops enter with the authenticator and see what happened."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from sandbox.local.phones import some_phone

pytestmark = pytest.mark.slow


def test_the_admin_fills(console, faults, watch):
    world = faults
    world.order("msg91", "500")
    assert world.send_code(some_phone()) == 503
    webprt = console.open("WEBPRT")
    webprt.press("ADMIN")
    authenticator = webprt.region("Authenticator")

    with console.page.expect_popup() as opened:
        authenticator.get_by_role("link", name="Open the admin").click()
    admin = opened.value
    watch.follow(admin)
    admin.get_by_label("Email").fill(world.accounts["admin"]["email"])
    admin.get_by_label("Password").fill(world.accounts["admin"]["password"])
    world.forget_used_authenticator_codes()
    code = authenticator.get_by_role("status").inner_text()
    admin.get_by_label("Code from your authenticator app").fill(code)
    admin.get_by_role("button", name="Log in").click()

    expect(admin.get_by_role("region", name="msg91")).to_be_visible()
    admin.goto(f"{world.places.backend_url}/admin/integrations/gatewaycall/")
    failed = admin.get_by_role("row").filter(has_text="send_otp").first
    expect(failed.get_by_text("unavailable")).to_be_visible()
