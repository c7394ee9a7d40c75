"""The stand-ins' inbox in a browser."""

from __future__ import annotations

import pytest

from sandbox.tests.browser.axe import assert_no_grave_fault
from sandbox.tests.browser.chromium import PHONE, windows
from sandbox.tests.browser.watch import Watch
from sandbox.tests.calls import send_mail, send_sms

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_it(chromium, sandbox_url, scheme):
    with windows(chromium, Watch(origins=(sandbox_url,))) as open_window:
        page = open_window(viewport=PHONE, scheme=scheme)
        page.goto(f"{sandbox_url}/inbox")
        page.get_by_text("Nothing yet").wait_for()
        assert_no_grave_fault(page)

        send_sms(sandbox_url)
        send_mail(sandbox_url)

        page.get_by_role("heading", name="Reset your password").wait_for()
        page.get_by_text("482913").wait_for()
        assert_no_grave_fault(page)
