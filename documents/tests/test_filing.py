"""POST /documents: a quotation that staff hands in, filed by the backend itself."""

from __future__ import annotations

import hashlib
import re

import pytest
import requests
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import User
from api.problems import Problem
from documents import filing
from documents.models import Document, Reference, State
from documents.tests.building import World, client_of, make_user
from documents.tests.files import big_pdf, build_pdf
from integrations.models import GatewayCall

PDF = build_pdf()
FILES = b'--x\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n\r\n'
MOST = 10 * 1024 * 1024
pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture
def kam(azurite):
    return make_user("KAM")


@pytest.fixture
def reference(kam):
    return Reference.objects.create(id="Q-1", kind="QUOTATION", kam=kam)


def file_of(content=PDF, name="Angebot Müller.pdf", content_type="application/pdf"):
    return SimpleUploadedFile(name, content, content_type)


def hand_in(user, *, content=PDF, name="Angebot Müller.pdf", **fields):
    body = {"docType": "QUOTATION", "referenceId": "Q-1", "file": file_of(content, name)} | fields
    body = {field: value for field, value in body.items() if value is not None}
    return client_of(user).post("/documents", body, format="multipart")


def fields_of(answer):
    assert (answer.status_code, answer.json()["code"]) == (400, "validation_error")
    return {error["field"]: error["code"] for error in answer.json()["errors"]}


class TestHandingIn:
    def test_is_filed_and_downloaded_byte_for_byte(self, kam, reference):
        answer = hand_in(kam)

        assert answer.status_code == 201
        shown = answer.json()["document"]
        assert (shown["state"], shown["docType"], shown["referenceId"]) == (
            "available", "QUOTATION", "Q-1",
        )  # fmt: skip
        assert (shown["size"], shown["sha256"]) == (len(PDF), hashlib.sha256(PDF).hexdigest())
        assert (shown["fileName"], shown["contentType"]) == (
            "Angebot Müller.pdf", "application/pdf",
        )  # fmt: skip
        client = client_of(kam)
        link = client.get(f"/documents/sas?documentId={shown['id']}").json()
        assert requests.get(link["sasUrl"], timeout=10).content == PDF
        calls = GatewayCall.objects.filter(operation="upload_blob")
        assert [call.outcome for call in calls] == ["accepted"]
        assert client.post(f"/documents/{shown['id']}/confirm").json()["document"] == shown

    def test_the_largest_that_may_be_and_one_byte_more(self, kam, reference):
        assert hand_in(kam, content=big_pdf(MOST)).status_code == 201

        larger = hand_in(kam, content=big_pdf(MOST) + b"\n")

        assert (larger.status_code, larger.json()["code"]) == (413, "payload_too_large")
        assert Document.objects.count() == 1

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"", "malformed"),
            (PDF[:200], "malformed"),
            (b"MZ" + b"\0" * 200, "type_mismatch"),
            (build_pdf(catalog=b"/OpenAction<</S/JavaScript/JS(x)>>"), "active_content"),
        ],
    )
    def test_what_confirming_would_refuse_is_refused(self, kam, reference, content, reason):
        answer = hand_in(kam, content=content)

        assert (answer.status_code, answer.json()["code"]) == (422, "document_rejected")
        assert answer.json()["reason"] == reason
        assert not Document.objects.exists()
        assert not GatewayCall.objects.exists()

    def test_counts_in_the_quota(self, kam, reference, settings):
        settings.FILES_PER_USER_DAY = 1

        first, second = hand_in(kam), hand_in(kam)

        assert first.status_code == 201
        assert (second.status_code, second.json()["code"]) == (429, "file_limit_reached")
        assert int(second["Retry-After"]) > 0


class TestForm:
    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            ({"file": None}, {"file": "required"}),
            ({"file": "text"}, {"file": "invalid"}),
            ({"docType": None}, {"docType": "required"}),
            ({"docType": "KYC"}, {"docType": "invalid_choice"}),
            ({"referenceId": None}, {"referenceId": "required"}),
            ({"referenceId": "a b"}, {"referenceId": "invalid"}),
            ({"referenceId": file_of()}, {"referenceId": "invalid"}),
            ({"fileName": "x.pdf"}, {"fileName": "unknown_field"}),
            ({"docType": ["QUOTATION", "QUOTATION"]}, {"docType": "repeated"}),
            ({"file": [file_of(), file_of()]}, {"file": "repeated"}),
            ({"referenceId": ["Q-1", file_of()]}, {"referenceId": "repeated"}),
        ],
    )
    def test_each_field_once_and_of_its_kind(self, kam, reference, fields, expected):
        assert fields_of(hand_in(kam, **fields)) == expected

    @pytest.mark.parametrize("name", ["a<b>.pdf", ".pdf", "a" * 117 + ".pdf"])
    def test_names_that_nobody_may_have(self, kam, reference, name):
        assert fields_of(hand_in(kam, name=name)) == {"file": "invalid"}

    def test_other_media_types_are_415(self, kam, reference):
        answer = client_of(kam).post("/documents", {"docType": "QUOTATION"}, format="json")

        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")

    @pytest.mark.parametrize(
        ("body", "kind"),
        [
            (b"nothing", "multipart/form-data; boundary=x"),
            (b"--x\r\n", "multipart/form-data"),
            (FILES * 200 + b"--x--\r\n", "multipart/form-data; boundary=x"),
            (FILES + b"--x--\r\n", "multipart/form-data; boundary=x; charset=idna"),
        ],
    )
    def test_what_is_no_form_is_400(self, kam, reference, body, kind):
        answer = client_of(kam).generic("POST", "/documents", body, content_type=kind)

        assert answer.status_code == 400

    def test_only_this_path_takes_large_bodies(self, kam):
        client = client_of(kam)
        large = b"x" * (65 * 1024)

        for method, path in (("PUT", "/documents/references/A"), ("POST", "/auth/login")):
            answer = client.generic(method, path, large, content_type="application/json")
            assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")
        huge = b"x" * (MOST + 65 * 1024)
        kind = "multipart/form-data; boundary=x"
        assert client.generic("POST", "/documents", huge, content_type=kind).status_code == 413


class TestRight:
    @pytest.mark.parametrize(
        ("name", "status"),
        [
            ("kam", 201), ("admin", 201), ("customer", 403), ("channel_partner", 403),
            ("other_kam", 404), ("other_customer", 404),
        ],
    )  # fmt: skip
    def test_by_relation(self, world: World, azurite, name, status):
        answer = hand_in(world.people[name], referenceId=world.reference.id)

        assert answer.status_code == status

    def test_without_a_token_401(self, client):
        assert client.post("/documents", {"file": file_of()}).status_code == 401


class TestFromWithin:
    """By code of ours that made a PDF."""

    def store(self, user: User, content=PDF):
        return filing.file_quotation(
            user=user, reference_id="Q-1", file_name="q.pdf", content=content, now=timezone.now()
        )

    def test_is_served_as_any_other(self, kam, reference):
        document = self.store(kam)

        assert document.state == State.AVAILABLE
        assert document.etag

    def test_strangers_get_a_problem(self, kam, reference):
        with pytest.raises(Problem) as refused:
            self.store(make_user("KAM"))

        assert refused.value.status_code == 404


@pytest.mark.parametrize("status", [503, 403])
def test_a_storage_that_is_down_leaves_nothing_available(world: World, wire, blobs, status):
    wire.mock.put(re.compile(re.escape(blobs)), status=status)

    answer = hand_in(world.people["kam"], referenceId=world.reference.id)

    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
    assert [document.state for document in Document.objects.all()] == [State.DELETED]
