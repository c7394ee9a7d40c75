"""A customer's documents in the console: straight to the storage, confirmed, read again."""

from __future__ import annotations

import hashlib
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from sandbox.local import pdf

pytestmark = pytest.mark.slow

UPLOAD_BYTES_A_SECOND = 6 * 1024 * 1024  # 8 MB then take more than a second
WATCH_PROGRESS = """
(bar) => {
  window.seen = [];
  new MutationObserver(() => window.seen.push(bar.value)).observe(bar, {attributes: true});
}
"""


class BreaksOff(socketserver.BaseRequestHandler):
    """Answers with the begin of a file."""

    def handle(self) -> None:
        self.request.recv(65536)
        head = b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 99\r\n\r\n"
        self.request.sendall(head + b"%PDF-")


@pytest.fixture
def broken_storage() -> Iterator[str]:
    with socketserver.TCPServer(("127.0.0.1", 0), BreaksOff) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


def test_a_large_file_shows_its_progress_and_comes_back_whole(custap, console):
    page = console.page
    network = console.slow_uploads(bytes_a_second=UPLOAD_BYTES_A_SECOND)
    custap.press("Use a large PDF")
    bar = custap.panel.locator("progress[aria-label=Upload]")
    bar.evaluate(WATCH_PROGRESS)

    with page.expect_request("**/documents/sas?docType=KYC*") as asked:
        custap.press("Upload")
    expect(bar).to_be_visible()
    confirm = custap.panel.get_by_role("button", name="Confirm")
    expect(confirm).to_be_focused()

    seen = page.evaluate("window.seen")
    assert seen == sorted(seen)
    assert len({value for value in seen if 0 < value < 100}) >= 2, seen
    assert seen[-1] == 100
    confirm.click()
    expect(custap.panel.get_by_text("Confirmed: the document is available.")).to_be_visible()
    row = custap.documents().filter(has_text="large.pdf")
    expect(row.get_by_text("available")).to_be_visible()
    network.detach()
    with page.expect_download() as download:
        row.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "large.pdf"
    content = Path(download.value.path()).read_bytes()
    announced = parse_qs(urlsplit(asked.value.url).query)
    assert hashlib.sha256(content).hexdigest() == announced["sha256"][0]
    assert len(content) == int(announced["size"][0]) > 8_000_000


def test_ones_own_file_is_previewed_and_downloaded(custap, console, watch, tmp_path):
    watch.expect("^failed: GET blob:")  # closed while the browser's viewer still reads it
    content = pdf.one_page("A file of one's own")
    (tmp_path / "आधार.pdf").write_bytes(content)
    custap.panel.get_by_label("File", exact=True).set_input_files(tmp_path / "आधार.pdf")
    custap.press("Upload")
    custap.press("Confirm")

    row = custap.documents().filter(has_text="आधार.pdf")
    row.get_by_role("button", name="Preview").click()
    expect(custap.panel.get_by_title("Preview of आधार.pdf")).to_be_visible()
    custap.press("Close")
    expect(row.get_by_role("button", name="Preview")).to_be_focused()
    row.get_by_role("button", name="Preview").click()
    with console.page.expect_response("**/documents?*"):
        custap.press("Show again")
    custap.press("Close")
    expect(row.get_by_role("button", name="Preview")).to_be_focused()
    with console.page.expect_download() as download:
        row.get_by_role("button", name="Download").click()

    assert Path(download.value.path()).read_bytes() == content


def test_a_photo_is_shown(custap):
    custap.press("Use a sample photo")
    custap.press("Upload")
    custap.press("Confirm")
    row = custap.documents().filter(has_text="roof.jpg")
    row.get_by_role("button", name="Preview").click()

    picture = custap.panel.get_by_role("img", name="Preview of roof.jpg")
    expect(picture).to_be_visible()
    assert picture.evaluate("(image) => image.naturalWidth") == 1600


def test_a_rejected_upload_says_why(custap, watch):
    watch.expect("status of 422 .*/confirm")
    custap.press("Use a PDF with a script")
    custap.press("Upload")
    custap.press("Confirm")

    custap.expect_alert("script")
    expect(custap.panel.get_by_text("422 document_rejected")).to_be_visible()
    row = custap.documents().filter(has_text="script.pdf")
    expect(row.get_by_text("rejected", exact=True)).to_be_visible()
    expect(row.get_by_text("holds scripts or other files")).to_be_visible()
    expect(row.get_by_role("button")).to_have_count(0)


def test_a_download_that_breaks_off_says_so(custap, console, watch, broken_storage):
    watch.expect("ERR_CONTENT_LENGTH_MISMATCH")
    custap.press("Use a sample PDF")
    custap.press("Upload")
    custap.press("Confirm")
    console.page.route("**/docs/**", lambda route: route.continue_(url=broken_storage))

    custap.documents().get_by_role("button", name="Download").click()

    custap.expect_alert("No answer: the connection broke")
    exchange = console.region("Exchanges").get_by_role("listitem").filter(has_text="/docs/")
    expect(exchange.first.get_by_text("none")).to_be_visible()
