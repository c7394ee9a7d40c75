"""A front end of another origin uploads and downloads in a real browser, by our CORS (S54)."""

from __future__ import annotations

import base64
import io
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, Error

from accounts.models import User
from accounts.roles import Role
from accounts.testing import token_of
from sandbox.local import pdf
from solarium.tests.client.compiling import ROOT, compile_client

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
CONTENT = pdf.one_page("From a browser")

# What WEBPRT does: ask for a link, PUT, confirm, ask for a link, GET.
FLOW = """
async ({api, token, content}) => {
  const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0));
  const ask = async (path, method = "GET") => {
    const answer = await fetch(api + path, {method, headers: {Authorization: `Token ${token}`}});
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return answer.json();
  };
  const issued = await ask(`/documents/sas?docType=KYC&fileName=b.pdf&size=${bytes.length}`);
  const put = await fetch(issued.sasUrl, {method: "PUT", headers: issued.headers, body: bytes});
  const again = await fetch(issued.sasUrl, {method: "PUT", headers: issued.headers, body: bytes});
  const confirmed = await ask(`/documents/${issued.documentId}/confirm`, "POST");
  const link = await ask(`/documents/sas?documentId=${issued.documentId}`);
  const head = await fetch(link.sasUrl, {method: "HEAD"});
  const got = new Uint8Array(await (await fetch(link.sasUrl)).arrayBuffer());
  return {
    put: put.status,
    etag: put.headers.get("etag"),
    again: again.status,
    code: again.headers.get("x-ms-error-code"),
    state: confirmed.document.state,
    head: head.status,
    same: got.length === bytes.length && got.every((byte, at) => byte === bytes[at]),
  };
}
"""

# The same by the client for front ends; the answer to its first PUT is lost on the way.
BY_THE_CLIENT = """
async ({api, token, content}) => {
  const {createClient} = await import("/client/client.js");
  const {uploadDocument} = await import("/client/upload.js");
  const {putWithProgress} = await import("/client/put.js");
  const client = createClient({baseUrl: api, token: () => token});
  const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0));
  const told = [], answers = [];
  const document = await uploadDocument(client, {
    file: new Blob([bytes], {type: "application/pdf"}),
    docType: "KYC",
    fileName: "b.pdf",
    onProgress: (sent, total) => told.push([sent, total]),
    put: async (...given) => {
      answers.push(await putWithProgress(...given));
      return answers.length === 1 ? 0 : answers.at(-1);
    },
  });
  return {state: document.state, answers, told: told.at(-1), size: bytes.length};
}
"""


@pytest.fixture
def token(live_server: Any) -> str:
    return token_of(User.objects.create_user(role=Role.CUSTOMER))


@pytest.fixture
def sites(tmp_path: Path) -> Iterator[list[str]]:
    """Two front ends, each of an origin of its own."""
    (tmp_path / "index.html").write_text(
        '<!doctype html><title>Front end</title><script type="importmap">'
        '{"imports": {"openapi-fetch": "/openapi-fetch.js"}}</script>'
    )
    handler = partial(Quiet, directory=str(tmp_path))
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), handler) for _ in range(2)]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield [f"http://127.0.0.1:{server.server_port}" for server in servers]
    for server in servers:
        server.shutdown()
        server.server_close()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def flow(
    azurite: str, settings: Any, live_server: Any, token: str, sites: list[str], request: Any
) -> Any:
    """Run the flow in a page of a site; the first one is the one we allow."""
    settings.CORS_ALLOWED_ORIGINS = sites[:1]
    call_command("setup_storage", stdout=io.StringIO())
    # Only now: beside a browser's loop Django refuses to use the database.
    chromium: Browser = request.getfixturevalue("chromium")
    given = {
        "api": live_server.url,
        "token": token,
        "content": base64.b64encode(CONTENT).decode(),
    }

    def run(site: str, script: str = FLOW, **instead: str) -> Any:
        with chromium.new_page() as page:
            page.goto(f"{site}/index.html")
            return page.evaluate(script, {**given, **instead})

    return run


def test_the_whole_flow_across_origins(flow: Any, sites: list[str]) -> None:
    done = flow(sites[0])

    assert done.pop("etag")
    assert done == {
        "put": 201,
        "again": 403,
        "code": "AuthorizationPermissionMismatch",
        "state": "available",
        "head": 200,
        "same": True,
    }


def test_the_client_uploads_with_progress_and_survives_a_lost_answer(
    flow: Any, sites: list[str], tmp_path: Path
) -> None:
    compile_client(tmp_path / "client")
    shutil.copy(ROOT / "node_modules/openapi-fetch/dist/index.mjs", tmp_path / "openapi-fetch.js")

    done = flow(sites[0], BY_THE_CLIENT)

    size = len(CONTENT)
    assert done == {"state": "available", "answers": [201, 403], "told": [size, size], "size": size}


def test_another_origin_reads_neither_the_api_nor_the_storage(
    flow: Any, sites: list[str], azurite: str
) -> None:
    with pytest.raises(Error, match="Failed to fetch"):
        flow(sites[1])


def test_another_origin_cannot_put_even_with_a_link(
    flow: Any, sites: list[str], azurite: str, request: Any
) -> None:
    page = request.getfixturevalue("chromium").new_page()
    page.goto(f"{sites[1]}/index.html")
    put = """(url) => fetch(url, {method: "PUT", headers: {"x-ms-blob-type": "BlockBlob"}})"""

    with pytest.raises(Error, match="Failed to fetch"):
        page.evaluate(put, f"{azurite}/docs/any.pdf?sig=x")
