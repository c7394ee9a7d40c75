"""What stands in a blob, on the emulator: read no further than asked, never written over unseen."""

from __future__ import annotations

import base64
import hashlib
import uuid

import pytest
import requests
from django.utils import timezone

from integrations import gateways
from integrations.models import GatewayCall, Outcome

PDF = "application/pdf"
pytestmark = pytest.mark.django_db


@pytest.fixture
def blob(azurite: str) -> str:
    return f"test/2026/11/{uuid.uuid4()}.pdf"


def put(blob: str, content: bytes, **headers: str) -> requests.Response:
    link = gateways.issue_blob_sas(
        blob=blob, permission="create", now=timezone.now(), content_type=PDF
    ).url
    headers |= {"x-ms-blob-type": "BlockBlob", "Content-Type": PDF}
    return requests.put(link, data=content, headers=headers, timeout=10)


def read(blob: str, most_bytes: int = 100) -> gateways.BlobContent:
    return gateways.read_blob(blob=blob, most_bytes=most_bytes, reference="r")


def upload(blob: str, content: bytes, **replaces: str) -> gateways.BlobProperties:
    return gateways.upload_blob(
        blob=blob, content=content, content_type=PDF, reference="r", **replaces
    )


class TestReadBlob:
    def test_tells_what_is_there_and_leaves_one_audit_row(self, blob: str) -> None:
        answer = put(blob, b"content")

        found = read(blob)

        assert (found.content, found.size, found.content_type) == (b"content", 7, PDF)
        assert found.etag == answer.headers["ETag"]
        assert found.content_md5 == hashlib.md5(b"content").digest()  # noqa: S324  (as stored)
        call = GatewayCall.objects.get()
        assert (call.operation, call.outcome, len(call.attempts)) == (
            "read_blob", Outcome.ACCEPTED, 1,
        )  # fmt: skip

    def test_reads_no_further_than_asked(self, blob: str) -> None:
        put(blob, b"x" * 1000)

        found = read(blob, 10)

        assert (found.content, found.size) == (b"x" * 10, 1000)

    def test_an_empty_blob_is_empty(self, blob: str) -> None:
        put(blob, b"")

        found = read(blob)

        assert (found.content, found.size) == (b"", 0)

    def test_nothing_there_is_said_so_and_no_failure(self, blob: str) -> None:
        with pytest.raises(gateways.BlobNotFound):
            read(blob)

        assert not GatewayCall.objects.get().failure

    def test_an_answer_without_its_range_is_none(self, wire, settings) -> None:
        account = "http://127.0.0.1:10000/devstoreaccount1"
        wire.mock.get(f"{account}/docs/test/a.pdf", body=b"<html>a proxy</html>")

        with pytest.raises(gateways.GatewayUnavailable) as failed:
            read("test/a.pdf")

        assert failed.value.provider_code == "unranged"


class TestUploadBlob:
    def test_writes_what_is_read_again(self, blob: str) -> None:
        written = upload(blob, b"content")

        found = read(blob)

        assert found.content == b"content"
        assert (found.etag, found.size, found.content_type) == (written.etag, written.size, PDF)

    def test_never_over_another_unseen(self, blob: str) -> None:
        put(blob, b"theirs")

        with pytest.raises(gateways.GatewayRejected) as refused:
            upload(blob, b"ours")

        assert refused.value.provider_code == "BlobAlreadyExists"
        assert read(blob).content == b"theirs"

    def test_takes_the_place_of_the_one_that_was_seen(self, blob: str) -> None:
        put(blob, b"theirs")
        seen = read(blob).etag

        written = upload(blob, b"ours", replaces=seen)

        assert written.etag != seen
        assert read(blob).content == b"ours"
        with pytest.raises(gateways.GatewayRejected) as refused:
            upload(blob, b"again", replaces=seen)
        assert refused.value.provider_code == "ConditionNotMet"

    def test_storage_checks_the_md5_of_whoever_gives_one(self, blob: str) -> None:
        other = base64.b64encode(hashlib.md5(b"other").digest()).decode()  # noqa: S324  (as Azure does)

        assert put(blob, b"content", **{"Content-MD5": other}).status_code == 400
