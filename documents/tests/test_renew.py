"""Another link for the same blob, while nothing was settled."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from documents import links
from documents.models import Document, State
from documents.tests.building import make_document


@pytest.fixture
def announced(world):
    query = "docType=KYC&contentType=image/png&fileName=a.png"
    return world.client("customer").get(f"/documents/sas?{query}").json()


def renew(world, name, document_id):
    return world.client(name).post(f"/documents/{document_id}/renew")


def test_same_blob_and_headers_and_a_new_end(world, announced, time_machine):
    time_machine.move_to(
        (timezone.now() + timedelta(minutes=40)).replace(microsecond=0), tick=False
    )

    answer = renew(world, "customer", announced["documentId"])

    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    renewed = answer.json()
    same = ("documentId", "method", "headers", "path")
    assert [renewed[name] for name in same] == [announced[name] for name in same]
    assert set(renewed) == set(announced)
    assert renewed["expiresAt"] > announced["expiresAt"]
    before, after = (urlsplit(one["sasUrl"]) for one in (announced, renewed))
    assert before.path == after.path
    assert parse_qs(after.query)["sp"] == ["c"]
    row = Document.objects.get()
    assert row.upload_until == timezone.now() + timedelta(minutes=30)


@pytest.mark.parametrize("state", [State.AVAILABLE, State.REJECTED])
def test_settled_ones_are_409(world, state):
    document = make_document(uploader=world.people["customer"], state=state)

    answer = renew(world, "customer", document.pk)

    assert (answer.status_code, answer.json()["code"]) == (409, "document_not_pending")


def test_takes_no_body(world, announced):
    path = f"/documents/{announced['documentId']}/renew"

    assert world.client("customer").post(path, {"size": 4}).status_code == 400


def test_counts_as_a_link(world, settings):
    settings.SAS_PER_USER_10MIN = 2
    announced = world.client("customer").get("/documents/sas?docType=KYC").json()

    assert renew(world, "customer", announced["documentId"]).status_code == 200
    limited = renew(world, "customer", announced["documentId"])

    assert (limited.status_code, limited.json()["code"]) == (429, "sas_limit_reached")
    assert int(limited["Retry-After"]) > 0


def test_one_that_is_swept_meanwhile_gets_none(world, announced, monkeypatch):
    """The sweep is between our reading the row and our renewing it."""
    sign = links._sign

    def swept_then_signed(*args, **kwargs):
        Document.objects.update(state=State.DELETED)
        return sign(*args, **kwargs)

    monkeypatch.setattr(links, "_sign", swept_then_signed)

    assert renew(world, "customer", announced["documentId"]).status_code == 409
