"""Role x relation x action: every cell of the contract's table, and every stranger (S50)."""

from __future__ import annotations

import pytest

from documents import permissions, selectors
from documents.models import DocType, State
from documents.tests.building import World, make_document

PARTICIPANTS = ("customer", "channel_partner", "kam", "admin")
STRANGERS = ("other_customer", "other_channel_partner", "other_kam")
UPLOADERS = {
    "KYC": {"customer", "channel_partner"},
    "LEAD": {"channel_partner", "kam", "admin"},
    "QUOTATION": {"kam", "admin"},
}
EVERYBODY = [(name, doc_type) for name in PARTICIPANTS + STRANGERS for doc_type in DocType.values]


@pytest.mark.parametrize(("name", "doc_type"), EVERYBODY)
class TestWithReference:
    def test_upload(self, world: World, name: str, doc_type: str) -> None:
        query = {"docType": doc_type, "referenceId": world.reference.id}

        answer = world.client(name).get("/documents/sas", query)

        if name in STRANGERS:
            assert answer.status_code == 404
        else:
            assert answer.status_code == (200 if name in UPLOADERS[doc_type] else 403)

    @pytest.mark.usefixtures("_unchanged")
    def test_read_and_download(self, world: World, name: str, doc_type: str) -> None:
        document = make_document(
            uploader=world.people["kam"],
            doc_type=doc_type,
            reference=world.reference,
            state=State.AVAILABLE,
        )
        client = world.client(name)
        expected = 404 if name in STRANGERS else 200

        assert client.get(f"/documents/{document.id}").status_code == expected
        download = client.get("/documents/sas", {"documentId": str(document.id)})
        assert download.status_code == expected
        listed = client.get("/documents").json()["documents"]
        assert [found["id"] for found in listed] == ([str(document.id)] if expected == 200 else [])

    def test_confirm(self, world: World, name: str, doc_type: str) -> None:
        document = make_document(
            uploader=world.people["kam"],
            doc_type=doc_type,
            reference=world.reference,
            state=State.AVAILABLE,
        )

        answer = world.client(name).post(f"/documents/{document.id}/confirm")

        if name in STRANGERS:
            assert answer.status_code == 404
        else:
            assert answer.status_code == (200 if name in UPLOADERS[doc_type] else 403)

    def test_deleted_is_for_admin_only(self, world: World, name: str, doc_type: str) -> None:
        document = make_document(
            uploader=world.people["kam"],
            doc_type=doc_type,
            reference=world.reference,
            state=State.DELETED,
        )
        client = world.client(name)

        answer = client.get(f"/documents/{document.id}")

        assert answer.status_code == (200 if name == "admin" else 404)
        assert client.get("/documents").json()["total"] == (1 if name == "admin" else 0)
        download = client.get("/documents/sas", {"documentId": str(document.id)})
        assert download.status_code == (409 if name == "admin" else 404)

    def test_database_and_predicate_agree(self, world: World, name: str, doc_type: str) -> None:
        user = world.people[name]
        for reference in (world.reference, None):
            for state in State.values:
                for uploader in (user, world.people["other_customer"]):
                    document = make_document(
                        uploader=uploader, doc_type=doc_type, reference=reference, state=state
                    )

                    may_see = permissions.may_see_document(user=user, document=document)
                    listed = selectors.list_documents(user=user, page=1)
                    assert (document in listed.items) == may_see
                    if reference is not None:
                        listed = selectors.list_documents(
                            user=user, page=1, reference_id=reference.pk
                        )
                        assert (document in listed.items) == may_see


class TestWithoutReference:
    @pytest.mark.parametrize("name", ["customer", "channel_partner"])
    def test_owner_uploads_and_he_and_admin_read(self, world: World, name: str) -> None:
        answer = world.client(name).get("/documents/sas?docType=KYC")

        assert answer.status_code == 200
        path = f"/documents/{answer.json()['documentId']}"
        assert world.client(name).get(path).status_code == 200
        assert world.client("admin").get(path).status_code == 200
        others = {"customer", "channel_partner", "kam", *STRANGERS} - {name}
        assert {world.client(other).get(path).status_code for other in others} == {404}

    @pytest.mark.parametrize("name", ["kam", "admin"])
    def test_staff_has_no_documents_of_its_own(self, world: World, name: str) -> None:
        answer = world.client(name).get("/documents/sas?docType=KYC")

        assert answer.status_code == 403
        assert answer.json()["code"] == "permission_denied"

    def test_admin_reads_but_does_not_confirm(self, world: World) -> None:
        document = make_document(uploader=world.people["customer"], state=State.AVAILABLE)

        answer = world.client("admin").post(f"/documents/{document.id}/confirm")

        assert answer.status_code == 403


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
