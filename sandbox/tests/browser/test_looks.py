"""Every tab and state of the console can be read and used by everybody, also on a phone.

With ``SCREENSHOTS=1`` the pictures of the README are taken anew, into ``docs/images/``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from sandbox.local.phones import some_phone
from sandbox.tests.browser.axe import assert_no_grave_fault
from sandbox.tests.browser.chromium import PHONE, WIDE
from sandbox.tests.browser.console import Console, other_than

pytestmark = pytest.mark.slow

IMAGES = Path(__file__).resolve().parents[3] / "docs" / "images"
SCREENSHOTS = bool(os.environ.get("SCREENSHOTS"))
# Each window and each scheme once; the pictures want both schemes in the wide one.
LOOKS = [(WIDE, "light"), (WIDE if SCREENSHOTS else PHONE, "dark")]
# By state: what is on top, what beside it, and the file's name.
PICTURES = {
    "otp": ("header", "Faults", "otp"),
    "upload": ("#panel-custap [data-part=account]", "Exchanges", "upload"),
    "a forgotten password": ("header", "Exchanges", "reset"),
    "faults": ("header", "Faults", "faults"),
    "banner": ("header", "Providers", "webprt"),
}


def states(console: Console) -> Iterator[str]:
    """Go through the console as a newcomer would and name each state."""
    for name in ("WEBPRT", "CPAPP", "CUSTAP"):
        console.open(name)
        yield f"{name} as it opens"
    custap = console.opened("CUSTAP")
    code = custap.ask_for_code(some_phone())
    expect(custap.panel.get_by_text(re.compile(r"^Delivered to the phone \d"))).to_be_visible()
    custap.verify(other_than(code))
    custap.expect_alert("is not correct")
    yield "otp"
    custap.verify(code)
    yield from documents(console)
    yield from portal(console)
    yield from faults(console)


def documents(console: Console) -> Iterator[str]:
    custap = console.opened("CUSTAP")
    custap.press("Use a PDF with a script")
    custap.press("Upload")
    custap.panel.get_by_role("button", name="Confirm").first.click()
    custap.expect_alert("script")
    yield "a rejected upload"
    custap.press("Use a sample photo")
    custap.press("Upload")
    custap.panel.get_by_role("button", name="Confirm").first.click()
    custap.documents().filter(has_text="roof.jpg").get_by_role("button", name="Preview").click()
    expect(custap.panel.get_by_role("img", name="Preview of roof.jpg")).to_be_visible()
    yield "upload"


def portal(console: Console) -> Iterator[str]:
    webprt = console.open("WEBPRT")
    webprt.press("ADMIN")
    expect(webprt.region("Authenticator").get_by_role("status")).to_have_text(re.compile(r"\d"))
    webprt.press("KAM")
    webprt.press("Forgot password")
    expect(webprt.panel.get_by_label("New password", exact=True)).to_be_visible()
    yield "a forgotten password"
    webprt.log_in_as_kam()
    webprt.press("File quotation")
    expect(webprt.panel.get_by_text("Filed: ")).to_be_visible()
    yield "webprt"


def faults(console: Console) -> Iterator[str]:
    world, custap = console.world, console.open("CUSTAP")
    console.region("Faults").get_by_role("group", name="MSG91").get_by_text("500").click()
    for _ in range(3):
        assert world.send_code(some_phone()) == 503
    expect(console.region("Providers").get_by_text("breaker open")).to_be_visible()
    custap.press("Log out")
    custap.panel.get_by_label("Mobile number").fill(some_phone())
    custap.press("Send code")
    custap.expect_alert("Unable to send OTP. Please try again.")
    yield "faults"
    console.region("Exchanges").locator("summary").filter(has_text="sendOTP 503").first.click()
    webprt = console.open("WEBPRT")
    expect(webprt.panel.get_by_text("msg91 is failing")).to_be_visible()
    yield "banner"


@pytest.mark.parametrize(("viewport", "scheme"), LOOKS)
def test_every_state(open_console, faults, watch, viewport, scheme):
    watch.expect("status of (400|422|503) .*/(verifyOTP|confirm|sendOTP)$")
    console = open_console(viewport=viewport, scheme=scheme)
    seen = []

    for name in states(console):
        seen.append(name)
        assert console.overflow() <= 0, name
        assert_no_grave_fault(console.page)
        take_picture(console, name, scheme)

    assert len(seen) == 10


def take_picture(console: Console, name: str, scheme: str) -> None:
    picture = PICTURES.get(name)
    if picture is None or not SCREENSHOTS:
        return
    top, beside, file = picture
    console.page.evaluate("document.activeElement.blur()")
    console.page.locator(top).first.evaluate("(top) => top.scrollIntoView()")
    console.region(beside).evaluate("(top) => { top.parentElement.scrollTop = top.offsetTop; }")
    console.page.screenshot(path=IMAGES / f"console-{file}-{scheme}.png")
