"""The console as a person meets it: by role and by name, nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import CDPSession, Locator, Page, expect

from sandbox.tests.browser.world import World


def other_than(code: str) -> str:
    """Return a code that is not the right one."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


@dataclass(kw_only=True)
class Front:
    """One of the three tabs."""

    page: Page
    panel: Locator
    world: World

    def region(self, name: str) -> Locator:
        """Return a part of this tab."""
        return self.panel.get_by_role("region", name=name, exact=True)

    def press(self, name: str) -> None:
        """Press the one button of that name in this tab."""
        self.panel.get_by_role("button", name=name, exact=True).click()

    def expect_alert(self, text: str | re.Pattern[str]) -> None:
        """Wait until the tab alerts its reader to something."""
        expect(self.panel.get_by_role("alert").filter(has_text=text)).to_be_visible()

    def ask_for_code(self, phone: str) -> str:
        """Ask for a code and return it as the phone shows it."""
        came = len(self.world.inbox(phone))
        self.panel.get_by_label("Mobile number").fill(phone)
        self.press("Send code")
        sms = self.region("Phone").get_by_text(re.compile(r"One-Time Password \(OTP\) is \d{6}"))
        expect(sms).to_have_count(came + 1)
        found = re.search(r"\d{6}", sms.last.inner_text())
        assert found
        return found[0]

    def verify(self, code: str) -> None:
        """Type a code and send it."""
        self.panel.get_by_label("Code", exact=True).fill(code)
        self.press("Verify")

    def log_in_by_phone(self, phone: str) -> None:
        """Log in to CPAPP or CUSTAP."""
        self.verify(self.ask_for_code(phone))
        expect(self.region("Account").get_by_text(phone)).to_be_visible()
        expect(self.documents().first).to_be_visible()

    def log_in_as_kam(self) -> None:
        """Log in to WEBPRT with what the form proposes."""
        self.press("Log in")
        expect(self.region("Account").get_by_text("KAM", exact=True)).to_be_visible()
        expect(self.documents().first).to_be_visible()

    def documents(self) -> Locator:
        """Return the rows of the documents' list."""
        return self.panel.get_by_role("list", name="Documents").get_by_role("listitem")


@dataclass(kw_only=True)
class Console:
    """The page with its tabs and the regions beside them."""

    page: Page
    world: World

    def open(self, name: str) -> Front:
        """Open the tab ``CPAPP``, ``CUSTAP`` or ``WEBPRT``."""
        self.page.get_by_role("tab", name=name).click()
        return self.opened(name)

    def opened(self, name: str) -> Front:
        """Return the tab that is open."""
        panel = self.page.get_by_role("tabpanel", name=name)
        expect(panel).to_be_visible()
        return Front(page=self.page, panel=panel, world=self.world)

    def region(self, name: str) -> Locator:
        """Return a part beside the tabs."""
        return self.page.get_by_role("region", name=name, exact=True)

    def slow_uploads(self, *, bytes_a_second: int) -> CDPSession:
        """Let uploads take their time until the returned session is detached."""
        network = self.page.context.new_cdp_session(self.page)
        network.send("Network.enable")
        slow = {"offline": False, "latency": 0, "downloadThroughput": -1}
        slow["uploadThroughput"] = bytes_a_second
        network.send("Network.emulateNetworkConditions", slow)
        return network

    def overflow(self) -> int:
        """Return by how many pixels the page is wider than its window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - innerWidth"))
