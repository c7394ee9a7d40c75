"""Faults of the storage meet browsers and the backend alike."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
import requests

from integrations import gateways
from integrations.errors import GatewayAuthFailed, GatewayUnavailable
from integrations.testing import blob_link
from sandbox.tests.calls import order
from sandbox.tests.relaying import put, some_blob

pytestmark = pytest.mark.slow


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

    @pytest.mark.parametrize(
        "ask",
        [
            lambda blob: gateways.get_blob_properties(blob=blob, reference="r"),
            lambda blob: gateways.read_blob(blob=blob, most_bytes=10, reference="r"),
            lambda blob: gateways.upload_blob(
                blob=blob, content=b"%PDF-", content_type="application/pdf", reference="r"
            ),
        ],
        ids=["properties", "read", "upload"],
    )
    def test_a_yes_of_somebody_else_is_no_answer_of_the_storage(
        self, relay_url: str, ask: Callable[[str], object]
    ) -> None:
        """A network's sign-in page says 200, too; a document must not pass for changed by it."""
        blob = some_blob()
        order(relay_url, "azure_blob", "200-error", 1)

        with pytest.raises(GatewayUnavailable):
            ask(blob)

    def test_the_backend_finds_its_key_refused(self, relay_url: str) -> None:
        order(relay_url, "azure_blob", "bad-key")

        with pytest.raises(GatewayAuthFailed):
            gateways.get_blob_properties(blob=some_blob(), reference="")

    def test_a_broken_connection(self, relay_url: str) -> None:
        order(relay_url, "azure_blob", "reset", 1)

        with pytest.raises(requests.ConnectionError):
            put(some_blob(), b"x" * 1024 * 1024)

    def test_slow_is_right_but_late(self, relay_url: str) -> None:
        order(relay_url, "azure_blob", "slow", 1)

        answer = put(some_blob())

        assert answer.status_code == 201
        assert answer.elapsed.total_seconds() >= 0.3

    def test_timeout_never_answers(self, relay_url: str) -> None:
        order(relay_url, "azure_blob", "timeout")

        with pytest.raises(requests.ReadTimeout):
            requests.get(blob_link(some_blob(), "read"), timeout=0.3)

    def test_drip_keeps_every_read_short(self, relay_url: str) -> None:
        order(relay_url, "azure_blob", "drip", 1)
        started = time.monotonic()

        requests.get(blob_link(some_blob(), "read"), timeout=1)

        assert time.monotonic() - started > 1  # longer than any of its reads may take
