"""An upload in the console that is stopped, that gets lost, or that makes way for another file."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

pytestmark = pytest.mark.slow

CANCELLED = "^failed: PUT .*/docs/.*ERR_ABORTED"
LOST = ("^(failed|console): .*/docs/", "^console: .*CORS", "status of 4(03|09) .*/docs/")
SLOW_BYTES_A_SECOND = 1024 * 1024  # 8 MB then take long enough to be stopped


@pytest.fixture
def slow_network(console):
    return console.slow_uploads(bytes_a_second=SLOW_BYTES_A_SECOND)


def test_two_cancels_leave_one_document(custap, slow_network, watch):
    watch.expect(CANCELLED)
    custap.press("Use a large PDF")
    for _ in range(2):
        custap.press("Upload")
        custap.press("Cancel")
        custap.expect_alert("Cancelled.")
        expect(custap.panel.get_by_role("button", name="Upload")).to_be_focused()
        expect(custap.panel.locator("progress[aria-label=Upload]")).to_be_hidden()
    custap.press("Show again")
    expect(custap.documents().filter(has_text="large.pdf")).to_have_count(1)
    expect(custap.documents().get_by_text("Sent? Then confirm it.")).to_be_visible()

    slow_network.detach()
    custap.press("Upload")
    confirm = custap.panel.get_by_role("button", name="Confirm").first  # the list has one as well
    expect(confirm).to_be_focused()
    confirm.click()

    expect(custap.panel.get_by_text("Confirmed: the document is available.")).to_be_visible()
    expect(custap.documents()).to_have_count(1)
    expect(custap.documents().get_by_text("available", exact=True)).to_be_visible()


def test_another_file_stops_the_one_that_is_sent(custap, console, slow_network, watch):
    watch.expect(CANCELLED)
    custap.press("Use a large PDF")
    custap.press("Upload")
    expect(custap.panel.get_by_role("button", name="Cancel")).to_be_visible()

    with console.page.expect_event("requestfailed"):
        custap.press("Use a sample PDF")

    expect(custap.panel.get_by_role("button", name="Cancel")).to_be_hidden()
    expect(custap.panel.get_by_role("alert")).to_have_count(0)
    slow_network.detach()
    custap.press("Upload")
    custap.panel.get_by_role("button", name="Confirm").first.click()
    expect(custap.panel.get_by_text("Confirmed: the document is available.")).to_be_visible()
    row = custap.documents().filter(has_text="kyc.pdf")
    expect(row.get_by_text("available", exact=True)).to_be_visible()


def test_a_logout_stops_what_is_sent(custap, console, slow_network, watch):
    watch.expect(CANCELLED)
    custap.press("Use a large PDF")
    custap.press("Upload")
    expect(custap.panel.get_by_role("button", name="Cancel")).to_be_visible()

    with console.page.expect_event("requestfailed"):
        custap.press("Log out")

    expect(custap.region("Documents")).to_be_hidden()


def test_a_link_that_cannot_be_had_leaves_nothing_behind(custap, console, watch):
    watch.expect("^(failed|console): .*(documents/sas|ERR_FAILED)")
    console.page.route("**/documents/sas?docType=KYC*", lambda route: route.abort())
    custap.press("Use a sample PDF")

    custap.press("Upload")

    custap.expect_alert("No answer")
    expect(custap.panel.get_by_text("Computing the file's digest…")).to_have_count(0)
    expect(custap.panel.locator("progress[aria-label=Upload]")).to_be_hidden()


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (403, "AuthorizationPermissionMismatch"),
        (403, "UnauthorizedBlobOverwrite"),
        (409, "BlobAlreadyExists"),
    ],
)
def test_a_file_that_came_through_unnoticed_is_confirmed(custap, console, watch, status, code):
    watch.expect(*LOST)
    turns = 0

    def storage(route: Route) -> None:
        nonlocal turns
        turns += 1
        if turns == 1:
            assert route.fetch().status == 201
            return route.abort()
        headers = {"x-ms-error-code": code, "Access-Control-Allow-Origin": "*"}
        headers["Access-Control-Expose-Headers"] = "x-ms-error-code"
        return route.fulfill(status=status, headers=headers)

    console.page.route("**/docs/**", storage)
    custap.press("Use a sample PDF")

    custap.press("Upload")

    expect(custap.panel.get_by_text("The storage may have the file from before.")).to_be_visible()
    custap.panel.get_by_role("button", name="Confirm").first.click()
    expect(custap.panel.get_by_text("Confirmed: the document is available.")).to_be_visible()
    assert turns == 2
