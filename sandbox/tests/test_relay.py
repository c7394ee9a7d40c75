"""The storage as all reach it: the relay, with a real Azurite behind it."""

from __future__ import annotations

import asyncio
import http.client
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from aiohttp import web
from azure.storage.blob import BlobServiceClient, CorsRule
from django.utils import timezone

from integrations import gateways
from integrations.errors import GatewayAuthFailed, GatewayUnavailable
from integrations.testing import AZURITE_KEY
from sandbox.tests.calls import order
from sandbox.tests.serving import listening, serving

pytestmark = pytest.mark.slow
HEADERS = {"x-ms-blob-type": "BlockBlob", "Content-Type": "application/pdf"}
ORIGIN = "http://localhost:8025"
MB = 1024 * 1024


@pytest.fixture
def relay_url(azurite: str) -> Iterator[str]:
    with serving(storage=azurite.removesuffix("/devstoreaccount1")) as url:
        yield url


@pytest.fixture
def storage(relay_url: str, azurite: str, settings: Any) -> str:
    """The account behind the relay, where the backend finds it, too."""
    options = settings.INTEGRATIONS["blob"]["OPTIONS"]
    account = f"{relay_url}/devstoreaccount1"
    options["connection_string"] = options["connection_string"].replace(azurite, account)
    return account


@pytest.fixture
def service(storage: str) -> Iterator[BlobServiceClient]:
    with BlobServiceClient(storage, credential=AZURITE_KEY, retry_total=0) as service:
        yield service


def some_blob() -> str:
    return f"test/2026/11/{uuid.uuid4()}.pdf"


def link(blob: str, permission: str) -> str:
    return gateways.issue_blob_sas(
        blob=blob,
        permission=permission,
        now=timezone.now(),
        content_type="application/pdf",
        file_name="a.pdf",
    ).url


def put(blob: str, content: bytes = b"%PDF-") -> requests.Response:
    return requests.put(link(blob, "create"), data=content, headers=HEADERS, timeout=10)


@pytest.mark.usefixtures("storage")
class TestWhatPasses:
    def test_ten_megabytes_by_a_link_and_back(self) -> None:
        blob, content = some_blob(), b"%PDF-" + uuid.uuid4().bytes * (10 * MB // 16)

        assert put(blob, content).status_code == 201

        answer = requests.get(link(blob, "read"), timeout=10)
        assert answer.content == content
        assert answer.headers["Content-Disposition"].startswith("attachment")

    def test_an_altered_link_is_refused(self) -> None:
        blob = some_blob()
        put(blob)

        answer = requests.get(link(blob, "read").replace("sp=r", "sp=rd"), timeout=10)

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
        url = link(blob, "read")

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
        parts = urlsplit(link(some_blob(), "create"))
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


@pytest.mark.django_db
@pytest.mark.usefixtures("storage")
class TestFaults:
    """One order meets the browser and the backend."""

    @pytest.mark.parametrize(
        ("fault", "status", "code"),
        [
            ("500", 500, "InternalError"),
            ("502-html", 502, None),
            ("429", 503, "ServerBusy"),
            ("bad-key", 403, "AuthenticationFailed"),
            ("200-error", 200, None),
        ],
    )
    def test_a_browser_is_told_no(
        self, relay_url: str, fault: str, status: int, code: str | None
    ) -> None:
        order(relay_url, "azure_blob", fault, 1)
        blob = some_blob()

        answer = put(blob)

        assert (answer.status_code, answer.headers.get("x-ms-error-code")) == (status, code)
        assert "Access-Control-Allow-Origin" not in answer.headers
        if code:
            assert f"<Code>{code}</Code>" in answer.text
        assert answer.headers.get("Retry-After") == ("30" if fault == "429" else None)
        assert put(blob).status_code == 201  # nothing was stored, and the order is over

    @pytest.mark.parametrize("fault", ["500", "502-html", "429", "reset"])
    def test_the_backend_finds_it_unavailable(self, relay_url: str, fault: str) -> None:
        blob = some_blob()
        put(blob)
        order(relay_url, "azure_blob", fault)

        with pytest.raises(GatewayUnavailable):
            gateways.get_blob_properties(blob=blob, reference="")

        requests.delete(f"{relay_url}/faults", timeout=10)
        assert gateways.get_blob_properties(blob=blob, reference="").size == 5

    def test_the_backend_finds_its_key_refused(self, relay_url: str) -> None:
        order(relay_url, "azure_blob", "bad-key")

        with pytest.raises(GatewayAuthFailed):
            gateways.get_blob_properties(blob=some_blob(), reference="")

    def test_a_broken_connection(self, relay_url: str) -> None:
        order(relay_url, "azure_blob", "reset", 1)

        with pytest.raises(requests.ConnectionError):
            put(some_blob(), b"x" * MB)

    def test_slow_is_right_but_late(self, relay_url: str) -> None:
        order(relay_url, "azure_blob", "slow", 1)

        answer = put(some_blob())

        assert answer.status_code == 201
        assert answer.elapsed.total_seconds() >= 0.3

    def test_timeout_never_answers(self, relay_url: str) -> None:
        order(relay_url, "azure_blob", "timeout")

        with pytest.raises(requests.ReadTimeout):
            requests.get(link(some_blob(), "read"), timeout=0.3)

    def test_drip_keeps_every_read_short(self, relay_url: str) -> None:
        order(relay_url, "azure_blob", "drip", 1)
        started = time.monotonic()

        requests.get(link(some_blob(), "read"), timeout=0.5)

        assert time.monotonic() - started > 1  # longer than any of its reads may take
