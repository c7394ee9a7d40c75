"""The storage as all reach it: the relay, with a real Azurite behind it."""

from __future__ import annotations

import asyncio
import http.client
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from aiohttp import web
from azure.storage.blob import BlobServiceClient, CorsRule

from integrations.testing import blob_link
from sandbox.tests.relaying import HEADERS, put, some_blob
from sandbox.tests.serving import listening, serving

pytestmark = pytest.mark.slow
ORIGIN = "http://localhost:8025"
MB = 1024 * 1024


@pytest.mark.usefixtures("storage")
class TestWhatPasses:
    def test_ten_megabytes_by_a_link_and_back(self) -> None:
        blob, content = some_blob(), b"%PDF-" + uuid.uuid4().bytes * (10 * MB // 16)

        assert put(blob, content).status_code == 201

        answer = requests.get(blob_link(blob, "read"), timeout=10)
        assert answer.content == content
        assert answer.headers["Content-Disposition"].startswith("attachment")

    def test_an_altered_link_is_refused(self) -> None:
        blob = some_blob()
        put(blob)

        answer = requests.get(blob_link(blob, "read").replace("sp=r", "sp=rd"), timeout=10)

        assert answer.status_code == 403
        assert answer.headers["x-ms-error-code"] == "AuthorizationFailure"

    @pytest.mark.parametrize("name", ["a b", "a+b", "ü", "a%2Fb", "a%b", "a?b&c=d"])
    def test_signed_by_the_key_whatever_its_name(
        self, service: BlobServiceClient, name: str
    ) -> None:
        there = service.get_blob_client("docs", f"{uuid.uuid4()}/{name}")

        there.upload_blob(b"content")

        assert there.download_blob().readall() == b"content"
        found = service.get_container_client("docs").list_blob_names(
            name_starts_with=there.blob_name
        )
        assert list(found) == [there.blob_name]

    @pytest.mark.parametrize(
        ("method", "headers", "status"),
        [
            ("GET", {}, 200),
            ("GET", {"Range": "bytes=1-3"}, 206),
            ("GET", {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}, 304),
            ("HEAD", {}, 200),
            ("DELETE", {}, 403),
        ],
    )
    def test_the_answer_is_azurites(
        self, storage: str, azurite: str, method: str, headers: dict[str, str], status: int
    ) -> None:
        blob = some_blob()
        put(blob)
        url = blob_link(blob, "read")

        relayed = requests.request(method, url, headers=headers, timeout=10)
        direct = requests.request(
            method, url.replace(storage, azurite), headers=headers, timeout=10
        )

        assert (relayed.status_code, relayed.reason) == (status, direct.reason)
        if status < 400:  # an error names its request and the time
            assert relayed.content == direct.content
        changing = ("date", "keep-alive", "x-ms-request-id", "transfer-encoding", "connection")
        assert told(relayed, changing) == told(direct, changing)

    def test_azurite_itself_answers_a_browsers_question(
        self, service: BlobServiceClient, storage: str
    ) -> None:
        rule = CorsRule([ORIGIN], ["PUT"], allowed_headers=["x-ms-blob-type"])
        service.set_service_properties(cors=[rule])
        asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "PUT"}

        allowed = requests.options(f"{storage}/docs/a", headers=asked, timeout=10)
        other = requests.options(
            f"{storage}/docs/a", headers={**asked, "Origin": "http://other"}, timeout=10
        )

        assert allowed.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert (allowed.status_code, other.status_code) == (200, 403)

    def test_who_waits_for_100_continue_gets_it(self) -> None:
        parts = urlsplit(blob_link(some_blob(), "create"))
        connection = http.client.HTTPConnection(parts.netloc, timeout=10)

        connection.request(
            "PUT",
            f"{parts.path}?{parts.query}",
            body=b"%PDF-",
            headers={**HEADERS, "Expect": "100-continue"},
        )

        assert connection.getresponse().status == 201
        connection.close()


def told(answer: requests.Response, changing: tuple[str, ...]) -> dict[str, str]:
    return {name: value for name, value in answer.headers.lower_items() if name not in changing}


class TestPieces:
    """Nothing waits for the last byte."""

    def test_the_first_bytes_are_there_before_the_last_are_sent(self) -> None:
        came, received = threading.Event(), bytearray()

        async def take(request: web.Request) -> web.Response:
            async for piece in request.content.iter_any():
                received.extend(piece)
                came.set()
            return web.Response(status=201)

        def content() -> Iterator[bytes]:
            yield b"first"
            assert came.wait(timeout=10)
            yield b"last"

        with standing_behind(take) as url:
            answer = requests.put(url, data=content(), timeout=20)

        assert (answer.status_code, bytes(received)) == (201, b"firstlast")

    def test_an_answer_comes_as_it_is_sent(self) -> None:
        read = threading.Event()

        async def give(request: web.Request) -> web.StreamResponse:
            answer = web.StreamResponse(headers={"Content-Length": "9"})
            await answer.prepare(request)
            await answer.write(b"first")
            while not read.is_set():
                await asyncio.sleep(0.01)
            await answer.write(b"last")
            return answer

        with standing_behind(give) as url, requests.get(url, stream=True, timeout=10) as answer:
            assert answer.raw.read(5) == b"first"
            read.set()
            assert answer.raw.read() == b"last"

    def test_an_answer_that_breaks_off_breaks_off(self) -> None:
        async def give(request: web.Request) -> web.StreamResponse:
            answer = web.StreamResponse(headers={"Content-Length": "9"})
            await answer.prepare(request)
            await answer.write(b"first")
            assert request.transport
            request.transport.close()
            return answer

        with standing_behind(give) as url, pytest.raises(requests.RequestException):
            requests.get(url, timeout=10)


@contextmanager
def standing_behind(handler: Any) -> Iterator[str]:
    """A storage that does what a test says; gives the relay's address of one blob."""
    theirs = web.Application()
    theirs.router.add_route("*", "/devstoreaccount1/a", handler)
    with listening(theirs) as storage, serving(storage=storage) as url:
        yield f"{url}/devstoreaccount1/a"


def test_a_storage_that_is_gone_is_a_broken_connection(free_port: int) -> None:
    with (
        serving(storage=f"http://127.0.0.1:{free_port}") as url,
        pytest.raises(requests.ConnectionError, match="reset by peer"),
    ):
        requests.get(f"{url}/devstoreaccount1/docs/a", timeout=10)


def test_a_sandbox_without_storage_has_none(sandbox_url: str) -> None:
    answer = requests.get(f"{sandbox_url}/devstoreaccount1/docs/a", timeout=10)

    assert answer.status_code == 404
