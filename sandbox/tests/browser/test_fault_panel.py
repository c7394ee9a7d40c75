"""The fault panel: what each front end shows while a provider fails, and that it passes."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from sandbox.local.phones import some_phone

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("faults")]

NO_CODE = "Unable to send OTP. Please try again."
NO_MAIL = "Unable to send email. Please try again."
NO_STORAGE = "Document storage is unavailable. Please try again shortly."
SETTLED_MILLISECONDS = 25_000  # an alert that is over is noticed within five seconds, then polled


def order(console, provider: str, fault: str, *, often: str = "until ended") -> None:
    """Order a fault as a person does and wait until the panel says that it is under way."""
    panel = console.region("Faults")
    panel.get_by_label(often, exact=True).check()
    button = panel.get_by_role("group", name=f"{provider} faults").locator(
        "button", has=console.page.get_by_text(fault, exact=True)
    )
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")


def end_all(console) -> None:
    panel = console.region("Faults")
    panel.get_by_role("button", name="End all faults").click()
    expect(panel.get_by_text("No fault is under way.")).to_be_visible()


def provider_row(console, name: str) -> Locator:
    return console.region("Providers").locator(".provider").filter(has_text=name)


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        ("timeout", "503 sms_unavailable"),
        ("500", "503 sms_unavailable"),
        ("reset", "503 sms_unavailable"),
        ("200-error", "502 sms_rejected"),
    ],
)
def test_msg91_fails(console, watch, fault, answer):
    watch.expect("status of 50[23] .*/integrations/sendOTP")
    order(console, "MSG91", fault)
    custap = console.open("CUSTAP")
    custap.panel.get_by_label("Mobile number").fill(some_phone())
    custap.press("Send code")

    custap.expect_alert(re.compile(f"^{re.escape(NO_CODE)}$"))
    expect(custap.panel.get_by_text(answer)).to_be_visible()
    expect(custap.panel.get_by_label("Code", exact=True)).to_be_hidden()

    end_all(console)
    custap.ask_for_code(some_phone())


def test_banner_and_breaker_come_and_go(console, watch, world):
    watch.expect("status of 503 .*/integrations/sendOTP")
    webprt = console.open("WEBPRT")
    webprt.log_in_as_kam()
    row = provider_row(console, "MSG91 (SMS)")
    expect(row.get_by_text("breaker closed")).to_be_visible()
    banner = webprt.panel.locator(".banner").get_by_text("msg91 is failing")
    expect(banner).to_be_hidden(timeout=SETTLED_MILLISECONDS)

    order(console, "MSG91", "500")
    for _ in range(3):
        assert world.send_code(some_phone()) == 503

    expect(banner).to_be_visible()
    expect(row.get_by_text("breaker open")).to_be_visible()
    expect(row.get_by_text("down", exact=True)).to_be_visible()
    custap = console.open("CUSTAP")
    custap.panel.get_by_label("Mobile number").fill(some_phone())
    custap.press("Send code")
    custap.expect_alert(NO_CODE)

    end_all(console)
    world.end_faults()
    console.open("WEBPRT")
    expect(row.get_by_text("breaker closed")).to_be_visible()
    expect(banner).to_be_hidden(timeout=SETTLED_MILLISECONDS)
    expect(row.get_by_text("ok", exact=True)).to_be_visible(timeout=SETTLED_MILLISECONDS)


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        ("500", "503 email_unavailable"),
        ("bad-key", "502 email_rejected"),
        ("no-credit", "502 email_rejected"),
    ],
)
def test_sendgrid_fails(console, watch, fault, answer):
    watch.expect("status of 50[23] .*/integrations/sendEmail")
    phone = some_phone()
    console.open("CUSTAP").log_in_by_phone(phone)
    webprt = console.open("WEBPRT")
    webprt.log_in_as_kam()
    webprt.panel.get_by_label("Write to the customer").fill("asha@solarium.example")
    order(console, "SendGrid", fault)

    webprt.press("File quotation")

    webprt.expect_alert(re.compile(f"^{re.escape(NO_MAIL)}$"))
    expect(webprt.panel.get_by_text(answer)).to_be_visible()
    expect(webprt.panel.get_by_text("Filed: ")).to_be_visible()
    if "rejected" in answer:
        banner = webprt.panel.locator(".banner")
        expect(banner.get_by_text("A human must look.").first).to_be_visible()


def test_only_the_mail_of_a_filed_quotation_is_sent_again(console, watch):
    watch.expect("status of 502 .*/integrations/sendEmail")
    console.open("CUSTAP").log_in_by_phone(some_phone())
    webprt = console.open("WEBPRT")
    webprt.log_in_as_kam()
    reference = webprt.panel.get_by_label("Reference")
    number = reference.input_value()
    webprt.panel.get_by_label("Write to the customer").fill("asha@solarium.example")
    order(console, "SendGrid", "no-credit")
    webprt.press("File quotation")
    expect(webprt.panel.get_by_text("The mail did not go.")).to_be_visible()
    expect(reference).not_to_have_value(number)
    end_all(console)

    webprt.press("Send the mail again")

    expect(webprt.panel.get_by_text("The mail is on its way.")).to_be_visible()
    expect(webprt.panel.get_by_role("button", name="File quotation")).to_be_focused()
    expect(webprt.panel.get_by_role("button", name="Send the mail again")).to_be_hidden()
    mail = webprt.region("Mailbox").get_by_title("Mail: ").content_frame
    expect(mail.get_by_text(number).first).to_be_visible()
    expect(webprt.documents().filter(has_text=number)).to_have_count(1)


def test_a_forgotten_password_while_mail_is_down(console, watch):
    watch.expect("status of 503 .*/integrations/sendEmail")
    order(console, "SendGrid", "500")
    webprt = console.open("WEBPRT")

    webprt.press("Forgot password")

    webprt.expect_alert(re.compile(f"^{re.escape(NO_MAIL)}$"))


def test_a_confirm_while_the_storage_is_down(custap, console, watch):
    watch.expect("status of 503 .*/confirm")
    custap.press("Use a sample PDF")
    custap.press("Upload")
    confirm = custap.panel.get_by_role("button", name="Confirm").first
    expect(confirm).to_be_focused()
    order(console, "Storage", "500")

    confirm.click()
    custap.expect_alert(re.compile(f"^{re.escape(NO_STORAGE)}$"))

    end_all(console)
    confirm.click()
    expect(custap.panel.get_by_text("Confirmed: the document is available.")).to_be_visible()


def test_an_upload_that_breaks_once_is_sent_again(custap, console, watch):
    watch.expect("^(failed|console): .*/docs/", "^console: .*CORS")
    custap.press("Use a sample PDF")
    order(console, "Storage", "reset", often="once")

    with console.page.expect_request("**/renew"):
        custap.press("Upload")
    custap.panel.get_by_role("button", name="Confirm").first.click()

    expect(custap.panel.get_by_text("Confirmed: the document is available.")).to_be_visible()


def test_an_upload_while_the_storage_is_down_says_so(custap, console, watch):
    watch.expect("^(failed|console): .*/docs/", "^console: .*CORS")
    custap.press("Use a sample PDF")
    order(console, "Storage", "reset")

    custap.press("Upload")

    custap.expect_alert(re.compile("^No answer: the connection broke"))
