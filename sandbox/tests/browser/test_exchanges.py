"""Every exchange of the console can be repeated in a shell."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import pytest
from playwright.sync_api import expect

from sandbox.local.phones import some_phone
from sandbox.tests.browser.console import Console

pytestmark = pytest.mark.slow


def copied(console: Console, name: str) -> str:
    """Return what the newest exchange of a name is as curl, as the button copies it."""
    exchanges = console.region("Exchanges")
    row = exchanges.get_by_role("listitem").filter(has_text=re.compile(name)).first
    row.locator("summary").click()
    row.get_by_role("button", name="Copy as curl").click()
    expect(row.get_by_text("Copied")).to_be_visible()
    return str(console.page.evaluate("navigator.clipboard.readText()"))


def run(command: str) -> Any:
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, timeout=20, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_code_asked_for_by_curl_is_the_same_one(console, world):
    """The copied Idempotency-Key makes it a repetition: no second SMS."""
    phone = some_phone()
    custap = console.open("CUSTAP")
    custap.ask_for_code(phone)

    answer = run(copied(console, "POST /integrations/sendOTP 200"))

    assert answer["success"] is True
    assert answer["challengeId"]
    assert len(world.inbox(phone)) == 1


def test_what_needs_a_session_is_copied_with_it_and_shown_without(console):
    phone = some_phone()
    custap = console.open("CUSTAP")
    custap.log_in_by_phone(phone)
    custap.press("Who am I")

    command = copied(console, "GET /auth/me 200")

    assert run(command)["user"]["phone"] == phone
    token = re.search(r"Authorization: Token (\w+)", command)
    assert token
    assert token[1] not in console.page.content()
