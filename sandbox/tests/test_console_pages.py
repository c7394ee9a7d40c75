"""What the console is served with; its pages are tested in a browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from sandbox import console_pages
from sandbox.tests.calls import messages, send_mail, send_sms
from sandbox.tests.serving import serving

CONFIG = {
    "backendUrl": "http://localhost:8000",
    "storageUrl": "http://127.0.0.1:8025/devstoreaccount1",
    "accounts": {"kam": {"email": "kam@solarium.example", "password": "planted"}},
}
FILES = {
    "index.html": ("<!doctype html>", "text/html"),
    "parts/inbox.js": ("export {};", "text/javascript"),
    "console.css": ("body {}", "text/css"),
    "logo.svg": ("<svg/>", "image/svg+xml"),
}


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The console's files, a secret beside them and one below that is no part of the pages."""
    folder = tmp_path / "console"
    for name, (text, _) in {**FILES, "notes.txt": ("planted", "")}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (tmp_path / "secret.js").write_text("planted")
    monkeypatch.setattr(console_pages, "FOLDER", folder)
    return folder


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    return tmp_path / "console.json"


@pytest.fixture
def url(folder: Path, config_file: Path) -> Iterator[str]:
    with serving(config=config_file) as url:
        yield url


def get(url: str, **more: Any) -> requests.Response:
    return requests.get(url, timeout=10, **more)


def get_as_written(url: str, path: str) -> HTTPResponse:
    """Ask for a path that no client of ours would send as it is."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
    connection.putrequest("GET", path, skip_host=False)
    connection.endheaders()
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


@pytest.mark.parametrize("name", FILES)
def test_each_file_has_its_type_and_is_never_kept(url: str, name: str) -> None:
    text, mime = FILES[name]

    answer = get(f"{url}/console/{name}")

    assert (answer.status_code, answer.text) == (200, text)
    assert answer.headers["Content-Type"] == f"{mime}; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_folder_is_its_first_page(url: str) -> None:
    assert get(f"{url}/console").url == f"{url}/console/"
    assert get(f"{url}/console").text == FILES["index.html"][0]


@pytest.mark.parametrize(
    "path",
    [
        "/console/missing.js",
        "/console/notes.txt",
        "/console/parts",
        "/console/parts/",
        "/console/../secret.js",
        "/console/%2e%2e/secret.js",
        "/console/..%2fsecret.js",
        "/console/parts/..%2f..%2fsecret.js",
        "/console/%2fetc%2fhostname.js",
        "/console/%00.js",
        "/console/" + "x" * 300 + ".js",
    ],
)
def test_nothing_else_is_served(url: str, path: str) -> None:
    assert get_as_written(url, path).status == 404


def test_a_link_out_of_the_folder_leads_nowhere(url: str, folder: Path) -> None:
    (folder / "link.js").symlink_to(folder.parent / "secret.js")

    assert get(f"{url}/console/link.js").status_code == 404


def test_the_pages_load_from_the_two_addresses_of_the_config_only(
    url: str, config_file: Path
) -> None:
    config_file.write_text(json.dumps(CONFIG))

    policy = get(f"{url}/console/").headers["Content-Security-Policy"]

    backend, storage = "http://localhost:8000", "http://127.0.0.1:8025"
    assert policy == (
        "default-src 'none'; script-src 'self'; style-src 'self'; "
        f"img-src 'self' blob: data: {storage}; connect-src 'self' {backend} {storage}; "
        f"frame-src 'self' blob: {storage} {backend}; object-src blob:; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    )


@pytest.mark.parametrize("content", [None, "", "{", "[]"])
def test_without_a_config_there_is_none(url: str, config_file: Path, content: str | None) -> None:
    if content is not None:
        config_file.write_text(content)

    answer = get(f"{url}/console/config")

    assert (answer.status_code, answer.json()) == (404, {"error": "no console is configured"})
    assert get(f"{url}/", allow_redirects=False).headers["Location"] == "/inbox"
    assert "connect-src 'self';" in get(f"{url}/console/").headers["Content-Security-Policy"]


def test_a_sandbox_without_console_says_so(sandbox_url: str) -> None:
    assert get(f"{sandbox_url}/console/config").status_code == 404


def test_a_config_that_is_written_later_is_found(url: str, config_file: Path) -> None:
    assert get(f"{url}/console/config").status_code == 404
    config_file.write_text(json.dumps(CONFIG))

    answer = get(f"{url}/console/config")

    assert (answer.status_code, answer.json()) == (200, CONFIG)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert get(f"{url}/", allow_redirects=False).headers["Location"] == "/console/"


def test_a_mail_stands_alone_and_can_do_nothing(sandbox_url: str) -> None:
    send_mail(sandbox_url)
    [message] = messages(sandbox_url)

    answer = get(f"{sandbox_url}/inbox/{message['id']}/mail")

    assert answer.text == '<base target="_blank"><p class="x">Hello</p>'
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Content-Security-Policy"] == (
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
        "style-src 'unsafe-inline'; img-src data:"
    )
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_is_no_mail_has_no_page(sandbox_url: str) -> None:
    send_sms(sandbox_url)
    [message] = messages(sandbox_url)

    assert get(f"{sandbox_url}/inbox/{message['id']}/mail").status_code == 404
    assert get(f"{sandbox_url}/inbox/other/mail").status_code == 404
