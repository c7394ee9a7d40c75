"""DELETE: at once for people, surely for the storage."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import SecurityEvent
from documents.models import Document, State
from documents.tests.building import make_document
from integrations.models import Alert

GONE = {"x-ms-error-code": "BlobNotFound"}
ANOTHER = {"ETag": "another", "Content-Length": "4"}


@pytest.fixture
def document(world):
    return make_document(
        uploader=world.people["customer"], reference=world.reference, state=State.AVAILABLE
    )


@pytest.fixture
def storage(wire, blobs, document):
    def answers(**answer):
        wire.mock.delete(blobs + document.blob_name, **answer)
        return wire.mock.calls

    return answers


def delete(world, name, document):
    return world.client(name).delete(f"/documents/{document.pk}")


def test_gone_for_everybody_but_admin(world, document, storage):
    calls = storage(status=202)

    answer = delete(world, "admin", document)

    assert answer.status_code == 200
    assert set(answer.json()) == {"success", "correlationId"}
    assert [call.request.method for call in calls] == ["DELETE"]
    path = f"/documents/{document.pk}"
    assert world.client("admin").get(path).json()["document"]["state"] == "deleted"
    for name in ("customer", "channel_partner", "kam", "other_customer"):
        assert world.client(name).get(path).status_code == 404
    event = SecurityEvent.objects.get(kind="document_deleted")
    assert (event.actor_id, event.client_address) == (world.people["admin"].pk, "127.0.0.1")
    assert event.detail == f"document {document.pk}"


def test_again_is_fine_and_asks_the_storage_no_more(world, document, storage):
    calls = storage(status=202)

    assert [delete(world, "admin", document).status_code for _ in range(2)] == [200, 200]

    assert len(calls) == 1
    assert SecurityEvent.objects.filter(kind="document_deleted").count() == 1


@pytest.mark.parametrize("answer", [{"status": 503}, {"status": 403}])
def test_a_storage_that_is_down_leaves_the_blob_to_the_sweep(world, document, storage, answer):
    storage(**answer)

    assert delete(world, "admin", document).status_code == 200

    document.refresh_from_db()
    assert (document.state, document.path_closed_at) == (State.DELETED, None)


@pytest.mark.parametrize(("age", "is_closed"), [(44, False), (46, True)])
def test_a_path_is_closed_once_no_link_works(world, document, storage, age, is_closed):
    """30 minutes, and 15 for the storage's clock."""
    storage(status=202)
    Document.objects.update(created_at=timezone.now() - timedelta(minutes=age))

    delete(world, "admin", document)

    document.refresh_from_db()
    assert (document.path_closed_at is not None) == is_closed


def test_a_renewed_link_keeps_the_path_open(world, document, storage):
    storage(status=202)
    now = timezone.now()
    Document.objects.update(created_at=now - timedelta(hours=2), upload_until=now)

    delete(world, "admin", document)

    document.refresh_from_db()
    assert document.path_closed_at is None


@pytest.mark.parametrize("answer", [(404, GONE, ""), (200, ANOTHER, "")])
def test_a_download_at_the_same_moment_flags_nothing(world, wire, blobs, document, answer):
    """Its blob is gone as it should be: ops are not to be told of a lost file."""

    def delete_first(_):
        Document.objects.filter(pk=document.pk).update(state=State.DELETED)
        return answer

    wire.mock.add_callback("HEAD", blobs + document.blob_name, callback=delete_first)

    download = world.client("admin").get(f"/documents/sas?documentId={document.pk}")

    assert (download.status_code, download.json()["code"]) == (409, "document_not_available")
    document.refresh_from_db()
    assert document.flagged_at is None
    assert not Alert.objects.exists()
