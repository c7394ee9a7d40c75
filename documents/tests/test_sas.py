from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from rest_framework.test import APIClient

from documents.models import Document, SASGrant, State
from documents.tests.building import World, client_of, make_document

PATH = "/documents/sas"


@pytest.fixture
def customer(world: World) -> APIClient:
    return world.client("customer")


class TestUpload:
    def test_answers_what_the_contract_says(self, customer: APIClient) -> None:
        """S53."""

        query = {"docType": "KYC", "fileName": "आधार.pdf", "size": "4", "sha256": "AB" * 32}

        answer = customer.get(PATH, query)

        body = answer.json()
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "no-store"
        assert set(body) == {
            "success", "documentId", "sasUrl", "method", "headers", "path", "expiresAt",
            "correlationId",
        }  # fmt: skip
        assert body["method"] == "PUT"
        assert body["headers"] == {
            "x-ms-blob-type": "BlockBlob",
            "Content-Type": "application/pdf",
        }
        assert re.fullmatch(rf"docs/test/\d{{4}}/\d{{2}}/{body['documentId']}\.pdf", body["path"])
        assert body["expiresAt"].endswith("Z")
        url = urlsplit(body["sasUrl"])
        assert url.path == f"/devstoreaccount1/{body['path']}"
        token = parse_qs(url.query)
        assert (token["sp"], token["sr"], token["spr"]) == (["c"], ["b"], ["https"])
        assert "sip" not in token
        document = Document.objects.get(pk=body["documentId"])
        assert (document.state, document.file_name) == ("pending", "आधार.pdf")
        assert (document.declared_size, document.declared_sha256) == (4, "ab" * 32)

    @pytest.mark.parametrize(
        ("content_type", "extension"), [("image/jpeg", "jpg"), ("image/png", "png")]
    )
    def test_of_images(self, customer: APIClient, content_type: str, extension: str) -> None:
        body = customer.get(PATH, {"docType": "KYC", "contentType": content_type}).json()

        assert body["path"].endswith(f".{extension}")
        assert body["headers"]["Content-Type"] == content_type
        stored = Document.objects.get(pk=body["documentId"])
        assert stored.file_name == f"document.{extension}"

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ({}, "docType"),
            ({"docType": "kyc"}, "docType"),
            ({"docType": ""}, "docType"),
            ({"docType": ["KYC", "LEAD"]}, "docType"),
            ({"docType": "LEAD"}, "referenceId"),
            ({"docType": "QUOTATION"}, "referenceId"),
            ({"docType": "KYC", "referenceId": "a b"}, "referenceId"),
            ({"docType": "KYC", "referenceId": "x" * 65}, "referenceId"),
            ({"docType": "KYC", "referenceId": ""}, "referenceId"),
            ({"docType": "KYC", "fileName": "../x.pdf"}, "fileName"),
            ({"docType": "KYC", "fileName": "x.pdf\n"}, "fileName"),
            ({"docType": "KYC", "fileName": "x\x00.pdf"}, "fileName"),
            ({"docType": "KYC", "contentType": "image/svg+xml"}, "contentType"),
            ({"docType": "KYC", "size": "0"}, "size"),
            ({"docType": "KYC", "size": "-1"}, "size"),
            ({"docType": "KYC", "size": "1.0"}, "size"),
            ({"docType": "KYC", "size": "١"}, "size"),
            ({"docType": "KYC", "size": "10485761"}, "size"),
            ({"docType": "KYC", "size": "5242881", "contentType": "image/png"}, "size"),
            ({"docType": "KYC", "sha256": "ab"}, "sha256"),
            ({"documentId": "42"}, "documentId"),
            ({"documentId": ""}, "documentId"),
            ({"documentId": "6f1a5f0e-0000-4000-8000-000000000000", "docType": "KYC"}, "docType"),
        ],
    )
    def test_refuses_and_names_the_field(
        self, customer: APIClient, query: dict[str, Any], field: str
    ) -> None:
        """S47, in part."""

        answer = customer.get(PATH, query)

        assert answer.status_code == 400
        assert answer.json()["code"] == "validation_error"
        assert [error["field"] for error in answer.json()["errors"]] == [field]
        assert not Document.objects.exists()

    @pytest.mark.parametrize(
        "query", [{"size": "10485760"}, {"size": "5242880", "contentType": "image/jpeg"}]
    )
    def test_takes_the_largest_size(self, customer: APIClient, query: dict[str, str]) -> None:
        assert customer.get(PATH, {"docType": "KYC", **query}).status_code == 200

    def test_form_comes_before_visibility(self, customer: APIClient) -> None:
        answer = customer.get(PATH, {"docType": "LEAD", "referenceId": "NONE", "size": "x"})

        assert answer.status_code == 400

    def test_unknown_reference_is_404(self, customer: APIClient) -> None:
        answer = customer.get(PATH, {"docType": "LEAD", "referenceId": "NONE"})

        assert answer.status_code == 404

    def test_limit_is_per_user_and_last(self, world: World, settings: Any) -> None:
        """S51, in part."""

        settings.SAS_PER_USER_10MIN = 1
        customer = world.client("customer")
        query = {"docType": "KYC"}

        assert customer.get(PATH, query).status_code == 200
        refused = customer.get(PATH, query)

        assert refused.status_code == 429
        assert refused.json()["code"] == "sas_limit_reached"
        assert 0 < int(refused["Retry-After"]) <= 600
        assert customer.get(PATH, {"docType": "LEAD", "referenceId": "NONE"}).status_code == 404
        assert world.client("other_customer").get(PATH, query).status_code == 200
        assert Document.objects.count() == 2

    def test_zero_switches_the_limit_off(self, customer: APIClient, settings: Any) -> None:
        settings.SAS_PER_USER_10MIN = 0

        answers = [customer.get(PATH, {"docType": "KYC"}).status_code for _ in range(70)]

        assert set(answers) == {200}


@pytest.mark.usefixtures("_unchanged")
class TestDownload:
    def test_answers_what_the_contract_says(self, world: World) -> None:
        document = make_document(
            uploader=world.people["customer"], state=State.AVAILABLE, file_name="आधार.pdf"
        )

        answer = world.client("customer").get(PATH, {"documentId": str(document.id).upper()})

        body = answer.json()
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "no-store"
        assert (body["method"], body["headers"]) == ("GET", {})
        assert body["documentId"] == str(document.id)
        token = parse_qs(urlsplit(body["sasUrl"]).query)
        assert (token["sp"], token["rsct"]) == (["r"], ["application/pdf"])
        assert token["rscd"] == [
            "attachment; filename*=UTF-8''%E0%A4%86%E0%A4%A7%E0%A4%BE%E0%A4%B0.pdf"
        ]

    @pytest.mark.parametrize("state", [State.PENDING, State.REJECTED])
    def test_only_of_what_is_available(self, world: World, state: str) -> None:
        """S49, in part."""

        owner = world.people["customer"]
        document = make_document(uploader=owner, state=state)

        answer = client_of(owner).get(PATH, {"documentId": str(document.id)})

        assert answer.status_code == 409
        assert answer.json()["code"] == "document_not_available"

    def test_counts_in_the_same_limit(self, world: World, settings: Any) -> None:
        settings.SAS_PER_USER_10MIN = 1
        document = make_document(uploader=world.people["customer"], state=State.AVAILABLE)
        customer = world.client("customer")

        assert customer.get(PATH, {"docType": "KYC"}).status_code == 200
        refused = customer.get(PATH, {"documentId": str(document.id)})

        assert refused.status_code == 429


def test_head_issues_no_link(world: World, customer: APIClient) -> None:
    """It would count as one, and stand in the ledger, though nobody can read it."""
    document = make_document(uploader=world.people["customer"], state=State.AVAILABLE)

    for query in ({"docType": "KYC"}, {"documentId": str(document.pk)}):
        answer = customer.head(PATH, query)

        assert (answer.status_code, answer["Allow"]) == (405, "GET")
        assert answer["Content-Type"] == "application/problem+json"
    assert Document.objects.count() == 1
    assert not SASGrant.objects.exists()
