"""Login by a code, in the two apps of the console."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from sandbox.local.phones import some_phone
from sandbox.tests.browser.console import other_than

pytestmark = pytest.mark.slow


def test_a_new_customer_logs_in_and_out(console, watch):
    watch.expect("status of 400 .*/integrations/verifyOTP")
    custap = console.open("CUSTAP")
    custap.press("New number")
    number = custap.panel.get_by_label("Mobile number").input_value()
    code = custap.ask_for_code(number)

    left = custap.panel.get_by_text(re.compile(r"^Valid for [12]:\d\d$"))
    first = left.inner_text()
    expect(left).not_to_have_text(first)
    resend = custap.panel.get_by_role("button", name="Send a new code")
    expect(resend).to_be_disabled()
    expect(custap.panel.get_by_text(re.compile(r"^in [123]?\d s$"))).to_be_visible()

    custap.verify(other_than(code))
    custap.expect_alert("is not correct")
    expect(custap.panel.get_by_text("Attempts left: 4")).to_be_visible()
    ticks = custap.panel.get_by_role("list", name="Delivery")
    expect(ticks.get_by_text(re.compile(r"Delivered to the phone \d"))).to_be_visible()

    custap.press(f"From Messages: {code}")
    expect(custap.panel.get_by_label("Code", exact=True)).to_have_value(code)
    custap.press("Verify")
    account = custap.region("Account")
    expect(account.get_by_text("CUSTOMER")).to_be_visible()
    expect(account.get_by_text(number)).to_be_visible()
    expect(account.get_by_role("heading", name="Logged in")).to_be_focused()
    expect(ticks.get_by_text(re.compile(r"Verified \d"))).to_be_attached()

    custap.press("Log out")
    expect(account).to_be_hidden()
    expect(custap.panel.get_by_label("Mobile number")).to_be_focused()


def test_who_asks_again_too_soon_is_told_when(console, watch):
    watch.expect("status of 429 .*/integrations/sendOTP")
    custap = console.open("CUSTAP")
    custap.ask_for_code(some_phone())

    custap.press("Send code")

    custap.expect_alert(re.compile("wait|too soon|again", re.I))
    expect(custap.panel.get_by_text("429 resend_too_soon")).to_be_visible()
    expect(custap.panel.get_by_text(re.compile(r"^Retry-After: [123]?\d s$"))).to_be_visible()
    expect(custap.panel.get_by_role("button", name="Send code")).to_have_attribute(
        "aria-disabled", "true"
    )


def test_a_known_install_comes_back_after_a_reload(console):
    """The number's proof outlives the page: its second code does not wait for the cooldown."""
    phone = some_phone()
    console.open("CUSTAP").log_in_by_phone(phone)
    console.page.reload()

    custap = console.open("CUSTAP")
    expect(custap.region("Account")).to_be_hidden()
    with console.page.expect_request("**/integrations/sendOTP") as sent:
        custap.log_in_by_phone(phone)

    assert sent.value.headers["x-install-proof"]


def test_cpapp_admits_the_partner_and_refuses_a_customer(console, watch, world):
    watch.expect("status of 403 .*/integrations/verifyOTP")
    cpapp = console.open("CPAPP")
    cpapp.verify(cpapp.ask_for_code(some_phone()))
    cpapp.expect_alert("may not")
    expect(cpapp.panel.get_by_text("403 account_not_allowed")).to_be_visible()
    expect(cpapp.region("Account")).to_be_hidden()

    cpapp.log_in_by_phone(world.accounts["channelPartner"]["phone"])
    expect(cpapp.region("Account").get_by_text("CHANNEL_PARTNER")).to_be_visible()


def test_without_a_mouse(console):
    page = console.page
    phone = some_phone()
    press_until(page, "Tab", lambda name: name == "Skip to the front end")
    page.keyboard.press("Enter")
    press_until(page, "Tab", lambda name: name == "CPAPP")
    page.keyboard.press("ArrowRight")
    press_until(page, "Tab", lambda name: name.startswith("Mobile number"))
    page.keyboard.press("Control+A")
    page.keyboard.type(phone)
    page.keyboard.press("Enter")
    custap = console.opened("CUSTAP")
    expect(custap.panel.get_by_role("button", name="From Messages:")).to_be_visible()
    press_until(page, "Tab", lambda name: name.startswith("From Messages:"))
    page.keyboard.press("Enter")
    expect(custap.panel.get_by_label("Code", exact=True)).to_be_focused()
    page.keyboard.press("Enter")

    expect(custap.region("Account").get_by_text(phone)).to_be_visible()


def press_until(page: Page, key: str, wanted) -> None:
    """Press a key until the focus is where it is wanted, as far as a patient person would."""
    for _ in range(30):
        page.keyboard.press(key)
        if wanted(
            page.evaluate(
                "(document.activeElement.labels?.[0] ?? document.activeElement).innerText.trim()"
            )
        ):
            return
    raise AssertionError("the focus never came there")
