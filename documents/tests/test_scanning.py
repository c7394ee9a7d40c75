"""The malware scanner: a real clamd on its socket, and one that misbehaves at the wire."""

from __future__ import annotations

import shutil
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from rest_framework.test import APIClient

from documents import scanning
from documents.models import Document
from documents.tests.building import World
from documents.tests.files import big_pdf, build_pdf, stream
from documents.tests.hostile_parts import EICAR, MEGABYTE
from documents.tests.scanner import clamd
from documents.tests.test_hostile import confirm, upload
from integrations import gateways

pytestmark = pytest.mark.slow

INFECTED = build_pdf(more=[stream(EICAR)])


@pytest.fixture(scope="module")
def real_scanner() -> Iterator[str]:
    # Not pytest's folder: a socket's path has at most 107 characters.
    folder = tempfile.mkdtemp(prefix="clamd")
    try:
        with clamd(Path(folder)) as where:
            yield where
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def customer(world: World) -> APIClient:
    return world.client("customer")


class TestOnTheRealScanner:
    @pytest.fixture(autouse=True)
    def _scan(self, settings: Any, azurite: str, real_scanner: str) -> None:
        settings.CLAMAV_SOCKET = real_scanner

    @pytest.mark.parametrize("content", [INFECTED, EICAR], ids=["PDF", "bare"])
    def test_an_infected_file_stays_in_quarantine_and_is_never_served(
        self, customer: APIClient, content: bytes
    ) -> None:
        """S49."""
        granted, _ = upload(customer, content)

        first, again = confirm(customer, granted), confirm(customer, granted)
        link = customer.get("/documents/sas", {"documentId": granted["documentId"]})

        assert (first.status_code, first.json()["reason"]) == (422, "infected")
        assert again.json()["reason"] == "infected"
        assert (link.status_code, link.json()["code"]) == (409, "document_not_available")
        document = Document.objects.get()
        kept = gateways.read_blob(blob=document.blob_name, most_bytes=10_000, reference="")
        assert kept.content == content
        put = requests.put(
            granted["sasUrl"], data=build_pdf(), headers=granted["headers"], timeout=10
        )
        assert put.status_code == 403

    def test_ops_are_told(self, customer: APIClient) -> None:
        granted, _ = upload(customer, INFECTED)

        confirm(customer, granted)

        assert "1 documents" in gateways.open_alerts()[0].text
        assert Document.objects.get().flagged_at

    def test_a_clean_file_passes_also_the_biggest(self, customer: APIClient) -> None:
        granted, _ = upload(customer, big_pdf(10 * MEGABYTE))

        assert confirm(customer, granted).status_code == 200


def answering(act: Callable[[socket.socket], None]) -> str:
    """Listen once, let ``act`` answer, and return host:port."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listening, listening.accept()[0] as caller:
            act(caller)

    threading.Thread(target=serve, daemon=True).start()
    return f"127.0.0.1:{listening.getsockname()[1]}"


def read_whole(caller: socket.socket) -> bytes:
    """Read an INSTREAM to its end and return the file."""
    with caller.makefile("rb") as said:
        assert said.read(10) == b"zINSTREAM\0"
        content = b""
        while length := int.from_bytes(said.read(4)):
            content += said.read(length)
        return content


def say(answer: bytes) -> Callable[[socket.socket], None]:
    def act(caller: socket.socket) -> None:
        read_whole(caller)
        caller.sendall(answer)

    return act


class TestWhatItAnswers:
    @pytest.mark.parametrize(
        ("answer", "infected"),
        [(b"stream: OK\0", False), (b"stream: Win.Test.EICAR_HDB-1 FOUND\0", True)],
    )
    def test_verdicts_over_tcp(self, settings: Any, answer: bytes, infected: bool) -> None:
        settings.CLAMAV_SOCKET = answering(say(answer))

        assert scanning.is_infected(content=b"x" * 200_000) is infected

    @pytest.mark.parametrize(
        "act",
        [
            say(b"INSTREAM size limit exceeded. ERROR\0"),
            say(b"stream: OK FOUND? ERROR\0"),
            say(b""),
            say(b"x" * 100_000),
            lambda caller: caller.close(),
            lambda caller: read_whole(caller) and threading.Event().wait(1),
        ],
        ids=["too large", "error", "nothing", "noise", "hangs up", "hangs"],
    )
    def test_no_verdict_is_no_yes(self, settings: Any, act: Any) -> None:
        settings.SCAN_SECONDS = 0.3
        settings.CLAMAV_SOCKET = answering(act)

        with pytest.raises(scanning.ScannerUnavailable):
            scanning.is_infected(content=b"x" * 2_000_000)

    def test_all_of_the_file_is_sent(self, settings: Any) -> None:
        seen: list[bytes] = []

        def act(caller: socket.socket) -> None:
            seen.append(read_whole(caller))
            caller.sendall(b"stream: OK\0")

        settings.CLAMAV_SOCKET = answering(act)
        content = bytes(range(256)) * 1000

        scanning.is_infected(content=content)

        assert seen == [content]

    def test_off_by_default(self, settings: Any) -> None:
        assert settings.CLAMAV_SOCKET == ""
        assert scanning.is_infected(content=EICAR) is False


@pytest.mark.parametrize("where", ["/nowhere/clamd.sock", "127.0.0.1:{port}"])
def test_without_its_scanner_a_document_stays_pending(
    customer: APIClient, azurite: str, settings: Any, free_port: int, where: str
) -> None:
    settings.CLAMAV_SOCKET = where.format(port=free_port)
    granted, _ = upload(customer, build_pdf())

    answer = confirm(customer, granted)

    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
    assert int(answer["Retry-After"]) > 0
    assert Document.objects.get().state == "pending"
    settings.CLAMAV_SOCKET = ""
    assert confirm(customer, granted).status_code == 200
