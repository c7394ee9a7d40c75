from __future__ import annotations

import hashlib
import re
from typing import Any

import pytest
import requests
from rest_framework.test import APIClient

from documents import confirming
from documents.models import Document, State
from documents.tests.blob_at_the_wire import FILE, PDF, Storage, asked_range
from documents.tests.building import World, make_document
from integrations.gateways import BlobContent


@pytest.fixture
def document(world: World) -> Document:
    return make_document(uploader=world.people["customer"], declared_size=len(FILE))


@pytest.fixture
def customer(world: World) -> APIClient:
    return world.client("customer")


@pytest.fixture
def storage(wire: Any, blobs: str, document: Document) -> Storage:
    return Storage(wire, blobs + document.blob_name)


def confirm(client: APIClient, document: Document) -> Any:
    return client.post(f"/documents/{document.id}/confirm")


class TestConfirm:
    def test_makes_available_and_repeats_the_answer(
        self, customer: APIClient, document: Document, storage: Storage
    ) -> None:
        storage.holds()

        first, second = confirm(customer, document), confirm(customer, document)

        shown = first.json()["document"]
        assert first.status_code == second.status_code == 200
        assert second.json()["document"] == shown
        assert set(shown) == {
            "id", "docType", "referenceId", "fileName", "contentType", "size", "sha256", "state",
            "createdAt", "path",
        }  # fmt: skip
        assert (shown["state"], shown["size"]) == ("available", len(FILE))
        assert shown["sha256"] == hashlib.sha256(FILE).hexdigest()
        assert shown["referenceId"] is None
        assert shown["path"] == f"docs/{document.blob_name}"
        assert re.fullmatch(r"[0-9T:.-]+Z", shown["createdAt"])
        assert storage.methods() == ["GET"]
        document.refresh_from_db()
        assert document.etag == '"0x8D1"'

    @pytest.mark.parametrize(
        ("content", "content_type", "reason"),
        [
            (FILE + b"\n", PDF, "size_mismatch"),
            (FILE[:-1], PDF, "size_mismatch"),
            (FILE, "image/png", "type_mismatch"),
            (FILE, "application/octet-stream", "type_mismatch"),
        ],
    )
    def test_refuses_deletes_and_stays_refused(
        self,
        customer: APIClient,
        document: Document,
        storage: Storage,
        content: bytes,
        content_type: str,
        reason: str,
    ) -> None:
        """S48, in part."""

        storage.holds(content, content_type=content_type)

        first, second = confirm(customer, document), confirm(customer, document)

        for answer in (first, second):
            assert answer.status_code == 422
            assert answer.json()["code"] == "document_rejected"
            assert answer.json()["reason"] == reason
        assert storage.methods() == ["GET", "DELETE"]
        shown = customer.get(f"/documents/{document.id}").json()["document"]
        assert (shown["state"], shown["reason"], shown["size"]) == ("rejected", reason, None)

    def test_reads_no_more_than_the_maximum_and_one_byte(
        self, customer: APIClient, document: Document, storage: Storage
    ) -> None:
        Document.objects.update(declared_size=None)
        storage.holds(b"%PDF-" + b"0" * 11 * 1024 * 1024)

        answer = confirm(customer, document)

        assert answer.json()["reason"] == "too_large"
        *reads, _ = (call.request for call in storage.wire.mock.calls)
        assert max(asked_range(read)[1] for read in reads) == 10 * 1024 * 1024

    def test_a_delete_that_fails_does_not_change_the_verdict(
        self, customer: APIClient, document: Document, storage: Storage
    ) -> None:
        storage.wire.mock.delete(storage.url, status=503)
        storage.holds(FILE + b" ")

        answer = confirm(customer, document)

        assert answer.status_code == 422

    def test_not_uploaded_stays_pending(
        self, customer: APIClient, document: Document, storage: Storage
    ) -> None:
        storage.is_empty_handed()

        answer = confirm(customer, document)

        assert answer.status_code == 409
        assert answer.json()["code"] == "not_uploaded"
        document.refresh_from_db()
        assert document.state == State.PENDING

    @pytest.mark.parametrize(
        "fault",
        [
            {"status": 503},
            {"status": 403, "headers": {"x-ms-error-code": "AuthenticationFailed"}},
            {"body": requests.ConnectionError("refused")},
        ],
    )
    def test_outage_is_503_and_stays_pending(
        self, customer: APIClient, document: Document, storage: Storage, fault: dict[str, Any]
    ) -> None:
        storage.fails(**fault)

        answer = confirm(customer, document)

        assert answer.status_code == 503
        assert answer.json()["code"] == "storage_unavailable"
        assert answer.json()["detail"] == (
            "Document storage is unavailable. Please try again shortly."
        )
        assert int(answer["Retry-After"]) > 0
        document.refresh_from_db()
        assert document.state == State.PENDING

    @pytest.mark.parametrize("winner", [State.AVAILABLE, State.REJECTED])
    @pytest.mark.parametrize("content", [FILE, FILE + b" "])
    def test_the_first_of_two_verdicts_counts(
        self, customer: APIClient, document: Document, storage: Storage, winner: str, content: bytes
    ) -> None:
        def other_confirm_wins() -> None:
            Document.objects.filter(pk=document.pk).update(
                state=winner, size=4, rejected_reason="too_large" if winner == "rejected" else ""
            )

        storage.holds(content, then=other_confirm_wins)

        answer = confirm(customer, document)

        assert answer.status_code == (200 if winner == State.AVAILABLE else 422)
        assert answer.json().get("reason") == (None if winner == "available" else "too_large")
        assert storage.methods() == ["GET"]

    def test_a_blob_that_the_other_confirm_deleted_is_a_refusal(
        self, customer: APIClient, document: Document, storage: Storage
    ) -> None:
        def gone(request: Any) -> Any:
            Document.objects.filter(pk=document.pk).update(
                state=State.REJECTED, rejected_reason="type_mismatch"
            )
            return 404, {"x-ms-error-code": "BlobNotFound"}, ""

        storage.wire.mock.add_callback("GET", storage.url, callback=gone)

        answer = confirm(customer, document)

        assert (answer.status_code, answer.json()["reason"]) == (422, "type_mismatch")

    def test_what_a_confirm_beside_it_cleaned_meanwhile_is_known_for_ours(
        self, customer: APIClient, document: Document, storage: Storage
    ) -> None:
        """Two have the document where one's claim ran out, or one's clock is wrong."""
        cleaned = FILE + b"\n"

        def other_confirm_cleans() -> None:
            digest = hashlib.sha256(cleaned).hexdigest()
            Document.objects.filter(pk=document.pk).update(cleaned_sha256=digest)

        storage.holds(cleaned, then=other_confirm_cleans)

        answer = confirm(customer, document)

        assert answer.status_code == 200
        assert answer.json()["document"]["size"] == len(cleaned)

    def test_takes_no_body(self, customer: APIClient, document: Document) -> None:
        answer = customer.post(f"/documents/{document.id}/confirm", {"size": 4})

        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] == "size"

    def test_of_another_is_404(self, world: World, document: Document, storage: Storage) -> None:
        answer = confirm(world.client("other_customer"), document)

        assert answer.status_code == 404
        assert storage.methods() == []


@pytest.mark.parametrize(
    ("announced", "size", "content_type", "reason"),
    [
        ({}, 10 * 1024 * 1024, PDF, None),
        ({}, 10 * 1024 * 1024 + 1, PDF, "too_large"),
        ({}, 0, PDF, "malformed"),
        ({}, 1, "", "type_mismatch"),
        ({}, 1, "Application/PDF; charset=binary", None),
        ({"declared_size": 1}, 1, PDF, None),
        ({"declared_size": 1}, 2, PDF, "size_mismatch"),
        ({"declared_sha256": hashlib.sha256(b"x").hexdigest().upper()}, 1, PDF, None),
        ({"declared_sha256": hashlib.sha256(b"y").hexdigest()}, 1, PDF, "checksum_mismatch"),
        ({"content_type": "image/png"}, 5 * 1024 * 1024, "image/png", None),
        ({"content_type": "image/png"}, 5 * 1024 * 1024 + 1, "image/png", "too_large"),
    ],
)
def test_reason_to_refuse(
    announced: dict[str, Any], size: int, content_type: str, reason: str | None
) -> None:
    document = Document(**{"content_type": PDF} | announced)
    sha256 = hashlib.sha256(b"x").hexdigest()
    found = BlobContent(content=b"x", sha256=sha256, size=size, content_type=content_type, etag="e")

    assert confirming.reason_to_refuse(document=document, found=found) == reason


def test_a_digest_that_the_storage_keeps_must_be_the_content_s() -> None:
    document = Document(content_type=PDF)
    found = BlobContent(
        content=b"x", sha256="", size=1, content_type=PDF, etag="e", content_md5=b"0" * 16
    )

    assert confirming.reason_to_refuse(document=document, found=found) == "checksum_mismatch"
