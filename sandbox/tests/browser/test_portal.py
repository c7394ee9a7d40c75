"""WEBPRT in the console: staff, their second factor, a forgotten password, a quotation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from sandbox.local.phones import some_phone

pytestmark = pytest.mark.slow


def test_a_kam_logs_in_after_a_typo(console, watch):
    watch.expect("status of 401 .*/auth/login")
    webprt = console.open("WEBPRT")
    password = webprt.panel.get_by_label("Password", exact=True)
    right = password.input_value()
    password.fill("a typo")
    webprt.press("Log in")
    webprt.expect_alert("password")
    expect(webprt.panel.get_by_text("401 bad_credentials")).to_be_visible()

    password.fill(right)
    webprt.log_in_as_kam()
    expect(console.region("Providers").get_by_text("MSG91 (SMS)")).to_be_visible()

    webprt.press("Log out")
    expect(webprt.region("Account")).to_be_hidden()
    expect(console.region("Providers").get_by_text("Log in as staff")).to_be_visible()


def test_the_admin_needs_the_authenticator(console, watch, world):
    watch.expect("status of 401 .*/auth/login")
    webprt = console.open("WEBPRT")
    webprt.press("ADMIN")
    code = webprt.region("Authenticator").get_by_role("status")
    expect(code).to_have_text(re.compile(r"^\d{6}$"))
    webprt.press("Log in")
    field = webprt.panel.get_by_label("Authenticator code", exact=True)
    expect(field).to_be_focused()
    world.forget_used_authenticator_codes()

    field.fill(code.inner_text())
    webprt.press("Log in")

    expect(webprt.region("Account").get_by_text("ADMIN", exact=True)).to_be_visible()


def test_a_forgotten_password(console, watch, world):
    email = world.new_staff()
    webprt = console.open("WEBPRT")
    webprt.panel.get_by_label("Email", exact=True).fill(email)
    webprt.press("Forgot password")

    mailbox = webprt.region("Mailbox")
    mail = mailbox.get_by_title("Mail: ").content_frame
    expect(mail.get_by_role("link").first).to_have_attribute(
        "href", re.compile(f"^{world.places.backend_url}/auth/password/reset/")
    )
    button = mail.get_by_role("link").first
    assert button.evaluate("(link) => getComputedStyle(link).textDecorationLine") == "none"

    webprt.panel.get_by_label("New password", exact=True).fill("short")
    watch.expect("status of 400 .*/auth/password/reset/confirm")
    webprt.press("Set new password")
    webprt.expect_alert(re.compile("newPassword"))
    webprt.press("Think of one for me")
    webprt.press("Set new password")
    expect(webprt.panel.get_by_text("The new password is set")).to_be_visible()
    expect(mailbox.get_by_role("heading", name="password was changed")).to_be_visible()

    webprt.press("Log in")
    expect(webprt.region("Account").get_by_text(email)).to_be_visible()


def test_mails_to_the_address_before_are_not_shown_again(console, world):
    webprt = console.open("WEBPRT")
    email = webprt.panel.get_by_label("Email", exact=True)
    first = world.new_staff()
    email.fill(first)
    webprt.press("Forgot password")
    mails = webprt.region("Mailbox").get_by_title("Mail: ")
    expect(mails).to_have_count(1)
    held = hold(console.page, "**/inbox?to=staff-*")
    answer = held[0].fetch()
    email.fill("nobody@solarium.example")
    webprt.press("Forgot password")
    expect(webprt.region("Mailbox").get_by_text("Mails to nobody@solarium.example")).to_be_visible()

    let_go(console.page, held[0], answer)

    expect(mails).to_have_count(1)


def hold(page: Page, url: str) -> list[Route]:
    """Keep the page's requests to an address, from the next one on, which is waited for."""
    held: list[Route] = []
    page.route(url, lambda route: held.append(route))
    while not held:
        page.wait_for_timeout(100)
    return held


def let_go(page: Page, held: Route, answer: APIResponse) -> None:
    """Give the page an answer that it waited for and the time to show it."""
    with page.expect_event("requestfinished", lambda one: one.url == held.request.url):
        held.fulfill(response=answer)
    page.wait_for_timeout(500)


def test_a_quotation_reaches_the_customer(console):
    phone = some_phone()
    custap = console.open("CUSTAP")
    custap.log_in_by_phone(phone)
    webprt = console.open("WEBPRT")
    webprt.log_in_as_kam()
    expect(webprt.panel.get_by_label("Customer's phone")).to_have_value(phone)
    reference = webprt.panel.get_by_label("Reference").input_value()
    webprt.panel.get_by_label("Write to the customer").fill("asha@solarium.example")
    webprt.panel.get_by_label("Customer's phone").fill(f"{phone[:3]} {phone[3:8]}-{phone[8:]}")

    webprt.press("File quotation")

    expect(webprt.panel.get_by_text(f"Filed: {reference}.pdf on {reference}.")).to_be_visible()
    mail = webprt.region("Mailbox").get_by_title("Mail: ").content_frame
    expect(mail.get_by_text(reference).first).to_be_visible()
    console.open("CUSTAP")
    custap.press("Show again")
    row = custap.documents().filter(has_text=reference)
    expect(row.get_by_text("QUOTATION")).to_be_visible()
    with console.page.expect_download() as download:
        row.get_by_role("button", name="Download").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")


def test_what_staff_asked_for_is_not_shown_after_they_left(console):
    webprt = console.open("WEBPRT")
    webprt.log_in_as_kam()
    providers = console.region("Providers")
    expect(providers.get_by_text("MSG91 (SMS)")).to_be_visible()
    held = hold(console.page, "**/integrations/status")
    answer = held[0].fetch()
    webprt.press("Log out")
    expect(providers.get_by_text("Log in as staff")).to_be_visible()

    let_go(console.page, held[0], answer)

    expect(providers.get_by_text("Log in as staff")).to_be_visible()
