"""Role x relation x action x state: every cell of the contract's table, and every stranger (S50).

The tables below are the contract's, written down a second time; what the code says is not asked.
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from accounts.models import User
from accounts.roles import Role
from documents import permissions, selectors
from documents.models import DocType, Document, State
from documents.tests.building import ETAG, World, make_document

pytestmark = pytest.mark.slow

PARTICIPANTS = ("customer", "channel_partner", "kam", "admin")
STRANGERS = ("other_customer", "other_channel_partner", "other_kam")
EVERYBODY = PARTICIPANTS + STRANGERS
UPLOADERS = {
    "KYC": {"customer", "channel_partner"},
    "LEAD": {"channel_partner", "kam", "admin"},
    "QUOTATION": {"kam", "admin"},
}
# What an action answers by state, to whoever has the right.
ANSWERS = {
    "read": {"pending": 200, "available": 200, "rejected": 200, "deleted": 200},
    "download": {"pending": 409, "available": 200, "rejected": 409, "deleted": 409},
    "renew": {"pending": 200, "available": 409, "rejected": 409, "deleted": 409},
    "confirm": {"pending": 409, "available": 200, "rejected": 422, "deleted": 409},
    "delete": {"pending": 200, "available": 200, "rejected": 200, "deleted": 200},
}
CODES = {
    "download": {409: "document_not_available"},
    "renew": {409: "document_not_pending"},
    "confirm": {422: "document_rejected"},
}


def act(client: Any, action: str, document: Any) -> Any:
    path = f"/documents/{document.pk}"
    if action == "download":
        return client.get("/documents/sas", {"documentId": str(document.pk)})
    if action in ("renew", "confirm"):
        return client.post(f"{path}/{action}")
    return client.delete(path) if action == "delete" else client.get(path)


def expected(*, name: str, sees: bool, uploads: bool, action: str, state: str) -> int:
    if not sees or (state == "deleted" and name != "admin"):
        return 404
    has_right = {
        "read": True,
        "download": True,
        "renew": uploads,
        "confirm": uploads,
        "delete": name == "admin",
    }[action]
    return ANSWERS[action][state] if has_right else 403


def check(
    world: World, wire: Any, blobs: str, *, name: str, cell: dict[str, Any], **of: Any
) -> None:
    """Do every action in every state, each on a document of its own."""
    client = world.client(name)
    for action, state in itertools.product(ANSWERS, State.values):
        document = make_document(state=state, **of)
        # What is available is what was confirmed; of what is pending nothing was uploaded.
        wire.mock.head(blobs + document.blob_name, headers={"ETag": ETAG, "Content-Length": "4"})
        gone = {"status": 404, "headers": {"x-ms-error-code": "BlobNotFound"}}
        wire.mock.get(blobs + document.blob_name, **gone)
        wire.mock.delete(blobs + document.blob_name, status=202)

        answer = act(client, action, document)

        status = expected(name=name, action=action, state=state, **cell)
        assert answer.status_code == status, (name, action, state, answer.json())
        code = CODES.get(action, {}).get(status)
        assert code is None or answer.json()["code"] == code
        listed = [one["id"] for one in client.get("/documents").json()["documents"]]
        document.refresh_from_db()
        visible = cell["sees"] and (document.state != State.DELETED or name == "admin")
        assert (str(document.pk) in listed) == visible, (name, action, state)


def may_see_document(user: User, document: Document) -> bool:
    """What the selectors must find, asked of one row."""
    if document.state == State.DELETED:
        return user.role == Role.ADMIN
    return permissions.relation_to_document(user=user, document=document) is not None


@pytest.mark.parametrize(("name", "doc_type"), list(itertools.product(EVERYBODY, DocType.values)))
class TestWithReference:
    def test_upload(self, world: World, name: str, doc_type: str) -> None:
        query = {"docType": doc_type, "referenceId": world.reference.id}

        answer = world.client(name).get("/documents/sas", query)

        if name in STRANGERS:
            assert answer.status_code == 404
        else:
            assert answer.status_code == (200 if name in UPLOADERS[doc_type] else 403)

    def test_every_action_in_every_state(
        self, world: World, wire: Any, blobs: str, name: str, doc_type: str
    ) -> None:
        cell = {"sees": name in PARTICIPANTS, "uploads": name in UPLOADERS[doc_type]}
        uploader = world.people["other_customer"]  # having uploaded it gives no right here
        of = {"uploader": uploader, "doc_type": doc_type, "reference": world.reference}

        check(world, wire, blobs, name=name, cell=cell, **of)

    def test_database_and_predicate_agree(self, world: World, name: str, doc_type: str) -> None:
        user = world.people[name]
        for reference in (world.reference, None):
            for state in State.values:
                for uploader in (user, world.people["other_customer"]):
                    document = make_document(
                        uploader=uploader, doc_type=doc_type, reference=reference, state=state
                    )

                    may_see = may_see_document(user, document)
                    listed = selectors.list_documents(user=user, page=1)
                    assert (document in listed.items) == may_see
                    if reference is not None:
                        listed = selectors.list_documents(
                            user=user, page=1, reference_id=reference.pk
                        )
                        assert (document in listed.items) == may_see


class TestWithoutReference:
    @pytest.mark.parametrize(
        ("name", "owner"), list(itertools.product(EVERYBODY, ["customer", "channel_partner"]))
    )
    def test_every_action_in_every_state(
        self, world: World, wire: Any, blobs: str, name: str, owner: str
    ) -> None:
        cell = {"sees": name in (owner, "admin"), "uploads": name == owner}

        check(world, wire, blobs, name=name, cell=cell, uploader=world.people[owner])

    @pytest.mark.parametrize("name", EVERYBODY)
    @pytest.mark.parametrize("doc_type", DocType.values)
    def test_upload(self, world: World, name: str, doc_type: str) -> None:
        answer = world.client(name).get("/documents/sas", {"docType": doc_type})

        owners = {"customer", "channel_partner", "other_customer", "other_channel_partner"}
        if doc_type != "KYC":
            assert answer.status_code == 400  # the form comes before the right
        else:
            assert answer.status_code == (200 if name in owners else 403)


@pytest.mark.parametrize("name", EVERYBODY)
class TestReferences:
    """Read by those who take part and ADMIN, written by its KAM and ADMIN."""

    def test_read(self, world: World, name: str) -> None:
        client = world.client(name)
        sees = name in PARTICIPANTS

        assert client.get("/documents/references/LEAD-1042").status_code == (200 if sees else 404)
        assert client.get("/documents/references").json()["total"] == int(sees)

    def test_change(self, world: World, name: str) -> None:
        body = {"kind": "LEAD", "kam": str(world.people["kam"].pk)}

        answer = world.client(name).put("/documents/references/LEAD-1042", body)

        refused = 404 if name == "other_kam" else 403
        assert answer.status_code == (200 if name in ("kam", "admin") else refused)

    def test_make(self, world: World, name: str) -> None:
        answer = world.client(name).put("/documents/references/LEAD-NEW", {"kind": "LEAD"})

        writes = name in ("kam", "other_kam", "admin")
        assert answer.status_code == (201 if writes else 403)


class TestChangedPeople:
    def test_who_left_a_reference_sees_nothing_of_it(self, world: World) -> None:
        document = make_document(
            uploader=world.people["customer"], reference=world.reference, state=State.AVAILABLE
        )
        world.reference.customer = world.people["other_customer"]
        world.reference.save()

        assert world.client("customer").get(f"/documents/{document.id}").status_code == 404
        assert world.client("other_customer").get(f"/documents/{document.id}").status_code == 200

    def test_the_role_must_still_be_the_references(self, world: World) -> None:
        kam = world.people["kam"]
        kam.role = "CUSTOMER"

        assert permissions.relation_to_reference(user=kam, reference=world.reference) is None


class TestToken:
    @pytest.mark.parametrize(
        "path", ["/documents", "/documents/sas", "/documents/references", "/documents/references/A"]
    )
    def test_missing_is_401_before_anything_else(self, client: object, db: None, path: str) -> None:
        answer = client.get(path)  # type: ignore[attr-defined]  # django's test client

        assert answer.status_code == 401
        assert answer.json()["code"] == "not_authenticated"
