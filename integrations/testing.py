"""Fixtures for apps that stand on this one: providers answered at the wire."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any, Literal, TypeVar

import pytest
import responses
from azure.storage.blob import BlobServiceClient
from django.db import connection
from django.utils import timezone

from integrations import alert_watch, alerts, breaker, conf, gateways, keys, shared_cache, switches

T = TypeVar("T")


def at_once(count: int, act: Callable[[int], T]) -> Counter[T]:
    """Run ``act`` in ``count`` threads that start together; count the answers."""
    start = Barrier(count)

    def run(number: int) -> T:
        try:
            start.wait()
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as threads:
        return Counter(threads.map(run, range(count)))


def pytest_configure() -> None:
    """Loading the server's application starts no watch here: it would settle what tests made."""
    alert_watch._ended.set()


@pytest.fixture(autouse=True)
def _fresh_process() -> Iterator[None]:
    """Nothing that a process remembers of alerts, switches and breakers outlives a test."""
    alerts.reset()
    switches.reset()
    yield
    shared_cache.reset()
    for provider in conf.providers():
        breaker.reset(provider=provider)


@pytest.fixture(autouse=True)
def _no_stored_keys() -> None:
    """Every test begins as a process that has just read that no key is stored.

    A rotation in a test makes it read again; what a test stores itself is seen after
    ``keys.forget()``, or as in production some seconds later.
    """
    keys.assume_nothing_stored()


class Wire:
    """What the providers answer, and what went out to them."""

    def __init__(self, mock: responses.RequestsMock) -> None:
        self.mock = mock

    def msg91_accepts(self) -> None:
        """Answer every SMS with MSG91's yes."""
        self.msg91_answers(json={"type": "success", "request_id": "34676b6d426b303131363537"})

    def msg91_answers(self, **answer: Any) -> None:
        """Add one answer: ``status=``, ``json=``, ``body=``, ``headers=``."""
        self.mock.post(f"{conf.client('sms').base_url}/api/v5/otp", **answer)

    def sendgrid_accepts(self) -> None:
        """Answer every mail with SendGrid's yes."""
        self.sendgrid_answers(status=202, headers={"X-Message-Id": "Ua9z9lSTSaqYBWJe_Xfc-Q"})

    def sendgrid_answers(self, **answer: Any) -> None:
        """Add one answer: ``status=``, ``json=``, ``body=``, ``headers=``."""
        self.mock.post(f"{conf.client('email').base_url}/v3/mail/send", **answer)

    def twilio_accepts(self) -> None:
        """Answer every SMS of the second route with Twilio's yes."""
        self.twilio_answers(status=201, json={"sid": f"SM{7:032}", "status": "queued"})

    def twilio_answers(self, **answer: Any) -> None:
        """Add one answer: ``status=``, ``json=``, ``body=``, ``headers=``."""
        client = conf.client("sms_fallback")
        path = f"/2010-04-01/Accounts/{client.account_sid}/Messages.json"
        self.mock.post(client.base_url + path, **answer)

    def bodies(self) -> list[dict[str, Any]]:
        """Return the JSON bodies that went out, oldest first."""
        return [json.loads(call.request.body or "{}") for call in self.mock.calls]

    def codes(self) -> list[str]:
        """Return the codes that went out, oldest first."""
        return [body["otp"] for body in self.bodies() if "otp" in body]


def set_option(settings: Any, channel: str, **options: Any) -> None:
    """Change options of a channel for one test; others stay.

    Args:
        settings: The fixture of pytest-django.
    """
    found = settings.INTEGRATIONS[channel]
    changed = {**found, "OPTIONS": {**found["OPTIONS"], **options}}
    settings.INTEGRATIONS = {**settings.INTEGRATIONS, channel: changed}


@pytest.fixture
def wire() -> Iterator[Wire]:
    """The providers, faked at the wire; nothing is answered until a test says what."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield Wire(mock)


AZURITE = Path("node_modules/.bin/azurite-blob")
AZURITE_ACCOUNT = "devstoreaccount1"
# Azurite's public development key.
AZURITE_KEY = (
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)
AZURITE_START_SECONDS = 120  # node takes its time on a busy machine


def azurite_connection(url: str) -> str:
    """Return the connection string of the emulator's account, whose blob endpoint is at ``url``."""
    return (
        f"DefaultEndpointsProtocol=http;AccountName={AZURITE_ACCOUNT};"
        f"AccountKey={AZURITE_KEY};BlobEndpoint={url};"
    )


@pytest.fixture(scope="session")
def free_port() -> int:
    """A port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture(scope="session")
def azurite_url() -> Iterator[str]:
    """The storage emulator, started once; its blob endpoint with an empty container ``docs``."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        str(AZURITE.resolve()),
        *("--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", "--silent"),
        *("--blobHost", "127.0.0.1", "--blobPort", str(port)),
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:  # noqa: S603  (our own)
        try:
            _wait_for_port(port)
            url = f"http://127.0.0.1:{port}/{AZURITE_ACCOUNT}"
            with BlobServiceClient(url, credential=AZURITE_KEY) as service:
                service.create_container("docs")
            yield url
        finally:
            process.terminate()


def blob_link(blob: str, permission: Literal["create", "read"]) -> str:
    """Return a link to a PDF in the storage of the settings, as `issue_blob_sas` signs it."""
    return gateways.issue_blob_sas(
        blob=blob,
        permission=permission,
        now=timezone.now(),
        content_type="application/pdf",
        file_name="a.pdf",
    ).url


def _wait_for_port(port: int) -> None:
    end = time.monotonic() + AZURITE_START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return


@pytest.fixture
def azurite(azurite_url: str, settings: Any) -> str:
    """The blob channel pointed at the emulator, plain http allowed in links."""
    set_option(
        settings,
        "blob",
        connection_string=azurite_connection(azurite_url),
        sas_protocol="https,http",
    )
    return azurite_url
