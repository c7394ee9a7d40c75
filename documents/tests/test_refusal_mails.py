"""Who is told by mail that a document was refused."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from accounts.roles import Role
from documents.models import Document
from documents.tests.building import World, client_of, make_document, make_user
from documents.tests.test_hostile import confirm

PDF = "application/pdf"


@pytest.fixture
def uploader(db: None) -> User:
    user = make_user(Role.CUSTOMER)
    user.email = "asha@example.org"
    user.name = "Asha Rao"
    user.save()
    return user


def refuse(wire: Any, blobs: str, document: Document) -> Any:
    """Confirm a document whose blob is a program."""
    headers = {"Content-Range": "bytes 0-1/2", "ETag": '"0x8D1"'}
    url = blobs + document.blob_name
    wire.mock.get(url, status=206, body=b"MZ", headers=headers, content_type=PDF)
    wire.mock.delete(url, status=202)
    return confirm(client_of(document.uploader), {"documentId": document.pk})


def mails(wire: Any) -> list[Any]:
    return [call.request for call in wire.mock.calls if call.request.url.endswith("/mail/send")]


def test_who_has_an_address_is_told_the_reason(wire: Any, blobs: str, uploader: User) -> None:
    wire.sendgrid_accepts()
    document = make_document(uploader=uploader, file_name="आधार.pdf")

    answer = refuse(wire, blobs, document)

    assert answer.json()["reason"] == "type_mismatch"
    (mail,) = mails(wire)
    assert "asha@example.org" in mail.body.decode()
    assert "not of the announced type" in mail.body.decode()


def test_only_the_first_refusal_is_told(wire: Any, blobs: str, uploader: User) -> None:
    wire.sendgrid_accepts()
    document = make_document(uploader=uploader)

    refuse(wire, blobs, document)
    confirm(client_of(uploader), {"documentId": document.pk})

    assert len(mails(wire)) == 1


def test_a_mail_that_fails_changes_nothing(wire: Any, blobs: str, uploader: User) -> None:
    wire.sendgrid_answers(status=401, json={"errors": [{"message": "no"}]})
    document = make_document(uploader=uploader)

    answer = refuse(wire, blobs, document)

    assert answer.json()["reason"] == "type_mismatch"
    document.refresh_from_db()
    assert document.state == "rejected"


def test_who_has_no_address_is_not(wire: Any, blobs: str, world: World) -> None:
    document = make_document(uploader=world.people["customer"])

    assert refuse(wire, blobs, document).status_code == 422
    assert not mails(wire)


def test_other_documents_than_kyc_are_not(wire: Any, blobs: str, world: World) -> None:
    kam = world.people["kam"]
    kam.email = "kam@example.org"
    kam.save()
    document = make_document(uploader=kam, doc_type="LEAD", reference=world.reference)

    assert refuse(wire, blobs, document).status_code == 422
    assert not mails(wire)
