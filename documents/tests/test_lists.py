from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from documents.models import State
from documents.tests.building import World, make_document

PATH = "/documents"


@pytest.mark.parametrize("path", [PATH, "/documents/references"])
@pytest.mark.parametrize("page", ["0", "-1", "x", "1.0", "", "٢", "1e3", "9" * 30])
def test_a_page_is_a_positive_number(world: World, path: str, page: str) -> None:
    answer = world.client("customer").get(path, {"page": page})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "page"


@pytest.mark.parametrize(
    "query", [{"docType": "X"}, {"referenceId": "a/b"}, {"state": "gone"}, {"state": ""}]
)
def test_filters_are_strict(world: World, query: dict[str, str]) -> None:
    answer = world.client("customer").get(PATH, query)

    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == list(query)


def test_newest_first_in_pages(world: World, settings: Any) -> None:
    settings.PAGE_SIZE = 2
    made = [make_document(uploader=world.people["customer"]) for _ in range(3)]
    for age, document in enumerate(made):
        document.created_at = timezone.now() - timedelta(minutes=age)
        document.save()
    client = world.client("customer")

    pages = [client.get(PATH, {"page": str(page)}).json() for page in (1, 2, 3, 10**14)]

    ids = [[shown["id"] for shown in page["documents"]] for page in pages]
    expected = [str(document.id) for document in made]
    assert ids == [expected[:2], expected[2:], [], []]
    assert {(page["pages"], page["total"]) for page in pages} == {(2, 3)}
    assert [page["page"] for page in pages] == [1, 2, 3, 10**14]


def test_filters_narrow(world: World) -> None:
    owner = world.people["customer"]
    make_document(uploader=owner)
    lead = make_document(
        uploader=world.people["kam"],
        doc_type="LEAD",
        reference=world.reference,
        state=State.AVAILABLE,
    )
    client = world.client("customer")

    for query in ({"docType": "LEAD"}, {"referenceId": "LEAD-1042"}, {"state": "available"}):
        shown = client.get(PATH, query).json()["documents"]
        assert [document["id"] for document in shown] == [str(lead.id)]
    assert client.get(PATH, {"referenceId": "LEAD-1"}).json()["total"] == 0
    assert client.get(PATH, {"state": "deleted"}).json()["total"] == 0


def test_unknown_documents_are_404(world: World) -> None:
    client = world.client("admin")

    for tail in ("", "/confirm"):
        path = f"{PATH}/6f1a5f0e-0000-4000-8000-000000000000{tail}"
        answer = client.post(path) if tail else client.get(path)
        assert answer.status_code == 404
        assert answer.json()["code"] == "not_found"
    assert client.get(f"{PATH}/nonsense").status_code == 404
