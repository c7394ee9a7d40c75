"""S49, against the real storage emulator: nothing stays that was not confirmed."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
import requests
from azure.storage.blob import ContainerClient
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import SecurityEvent
from documents import sweeping
from documents.models import Document, State
from documents.tests.building import client_of, make_document, make_user
from integrations.testing import AZURITE_KEY, at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer():
    return make_user("CUSTOMER")


@pytest.fixture
def client(customer):
    return client_of(customer)


@pytest.fixture
def stored(azurite):
    with ContainerClient(azurite, "docs", credential=AZURITE_KEY) as container:
        yield lambda document: container.get_blob_client(document.blob_name).exists()


def sweep(**options):
    out = io.StringIO()
    call_command("sweep_documents", json=True, stdout=out, **options)
    return json.loads(out.getvalue())


def upload(client, data=b"%PDF-1.4"):
    granted = client.get("/documents/sas?docType=KYC").json()
    put(granted, data)
    return granted, Document.objects.get(pk=granted["documentId"])


def put(granted, data=b"%PDF-1.4"):
    return requests.put(granted["sasUrl"], data=data, headers=granted["headers"], timeout=10)


def grow_old(document, *, minutes):
    """As if everything about it had been that much earlier; its link goes on working."""
    ago = timedelta(minutes=minutes)
    Document.objects.filter(pk=document.pk).update(
        created_at=document.created_at - ago, upload_until=document.upload_until - ago
    )


def test_pending_ones_go_after_60_minutes(client, stored):
    _, young = upload(client)
    _, old = upload(client)
    grow_old(young, minutes=59)
    grow_old(old, minutes=60)

    assert sweep() == {"dryRun": False, "failed": [], "pending": 1, "leftover": 0}

    old.refresh_from_db()
    assert (old.state, stored(old)) == (State.DELETED, False)
    young.refresh_from_db()
    assert (young.state, stored(young)) == (State.PENDING, True)
    assert SecurityEvent.objects.get(kind="document_deleted").detail.startswith("sweep: 1 ")
    assert sweep() == {"dryRun": False, "failed": [], "pending": 0, "leftover": 0}


def test_a_renewed_one_has_60_minutes_from_its_newest_link(client, stored):
    granted, document = upload(client)
    grow_old(document, minutes=100)
    assert client.post(f"/documents/{granted['documentId']}/renew").status_code == 200

    assert sweep()["pending"] == 0

    assert stored(document)


def test_what_an_old_link_puts_back_goes_too_until_the_link_has_ended(client, stored):
    granted, document = upload(client, b"")
    client.post(f"/documents/{document.pk}/confirm")
    assert not stored(document)
    assert put(granted).status_code == 201

    assert sweep()["leftover"] == 1
    assert not stored(document)
    assert put(granted).status_code == 201  # in the minutes between two sweeps
    grow_old(document, minutes=44)
    assert sweep()["leftover"] == 1
    grow_old(document, minutes=46)
    assert put(granted).status_code == 201
    assert sweep()["leftover"] == 1, "one last look after the end"

    assert not stored(document)
    assert sweep()["leftover"] == 0


def test_available_ones_and_quarantine_stay(client, customer, stored):
    _, available = upload(client)
    Document.objects.filter(pk=available.pk).update(state=State.AVAILABLE)
    _, infected = upload(client)
    Document.objects.filter(pk=infected.pk).update(state=State.REJECTED, rejected_reason="infected")
    for document in (available, infected):
        grow_old(document, minutes=1000)

    assert sweep()["leftover"] == 0

    assert stored(available)
    assert stored(infected)


def test_one_that_is_being_confirmed_is_left_alone(client, stored):
    _, old = upload(client)
    grow_old(old, minutes=61)
    claim = timezone.now() + timedelta(seconds=60)
    Document.objects.filter(pk=old.pk).update(claimed_until=claim)

    assert sweep()["pending"] == 0

    assert stored(old)


def test_dry_run_says_the_same_and_does_nothing(client, stored):
    _, old = upload(client)
    grow_old(old, minutes=61)

    assert sweep(dry_run=True) == {"dryRun": True, "failed": [], "pending": 1, "leftover": 0}

    old.refresh_from_db()
    assert (old.state, stored(old)) == (State.PENDING, True)


def test_one_that_is_confirmed_meanwhile_stays(client, stored, monkeypatch):
    """Between our reading the list and coming to the row."""
    _, old = upload(client)
    grow_old(old, minutes=61)
    walk = sweeping._in_batches

    def confirmed_meanwhile(found):
        for document in walk(found):
            Document.objects.filter(pk=document.pk).update(state=State.AVAILABLE)
            yield document

    monkeypatch.setattr(sweeping, "_in_batches", confirmed_meanwhile)

    assert sweep()["pending"] == 0
    assert stored(old)


def test_a_storage_that_is_down_stops_it_and_the_next_goes_on(customer, wire, blobs, settings):
    documents = [make_document(uploader=customer) for _ in range(3)]
    Document.objects.update(created_at=timezone.now() - timedelta(hours=2))
    for document in documents:
        wire.mock.delete(blobs + document.blob_name, status=503)

    with pytest.raises(CommandError, match="The storage does not do it"):
        sweep()
    assert len(wire.mock.calls) == 1

    wire.mock.reset()
    for document in documents:
        wire.mock.delete(blobs + document.blob_name, status=202)
    assert sweep() == {"dryRun": False, "failed": [], "pending": 2, "leftover": 1}


def test_one_stubborn_blob_does_not_stop_the_others(customer, wire, blobs):
    documents = [make_document(uploader=customer) for _ in range(3)]
    Document.objects.update(created_at=timezone.now() - timedelta(hours=2))
    for number, document in enumerate(documents):
        headers = {"x-ms-error-code": "LeaseIdMissing"} if number == 1 else {}
        status = 412 if number == 1 else 202
        wire.mock.delete(blobs + document.blob_name, status=status, headers=headers)

    with pytest.raises(CommandError, match=r"^1 files could not be deleted\.$"):
        sweep()

    closed = Document.objects.filter(state=State.DELETED, path_closed_at__isnull=False)
    assert closed.count() == 2


def test_more_than_a_batch(customer, wire, blobs, monkeypatch):
    monkeypatch.setattr(sweeping, "BATCH_ROWS", 2)
    for _ in range(5):
        wire.mock.delete(blobs + make_document(uploader=customer).blob_name, status=202)
    same_moment = timezone.now() - timedelta(hours=2)
    Document.objects.update(created_at=same_moment)

    assert sweep()["pending"] == 5


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_four_at_once_do_no_harm_and_count_each_once(azurite, customer, stored):
    client = client_of(customer)
    documents = [upload(client)[1] for _ in range(12)]
    for document in documents[:10]:
        grow_old(document, minutes=70)
    reports = []

    at_once(4, lambda _: reports.append(sweep()))

    assert sum(report["pending"] for report in reports) == 10
    assert not any(report["failed"] for report in reports)
    assert [stored(document) for document in documents] == [False] * 10 + [True] * 2
    assert not sweeping.open_paths().exists()
