"""Many at once, on PostgreSQL: one verdict, one reference, no more links than allowed."""

from __future__ import annotations

from datetime import timedelta

import pytest
import requests
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from accounts.roles import App, Role
from accounts.sessions import issue_token
from api.problems import Problem
from documents import confirming, inspection, quotas, scanning
from documents.models import Document
from documents.tests.building import make_document
from documents.tests.files import big_pdf, build_jpeg, build_pdf
from integrations.models import GatewayCall
from integrations.testing import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def caller(role=Role.CUSTOMER, app=App.CUSTAP):
    """A function that calls as one fresh account, from any thread."""
    user = User.objects.create(role=role)
    token = issue_token(user=user, app=app, now=timezone.now()).token

    def call(method, path, body=None):
        client = APIClient(HTTP_AUTHORIZATION=f"Token {token}")
        return getattr(client, method)(path, body, format="json" if body else None)

    return call


@pytest.mark.parametrize(("data", "expected"), [(build_pdf(), {200: 30}), (b"", {422: 30})])
def test_30_confirms_give_one_answer(azurite, data, expected):
    call = caller()
    granted = call("get", "/documents/sas?docType=KYC").json()
    requests.put(granted["sasUrl"], data=data, headers=granted["headers"], timeout=10)
    path = f"/documents/{granted['documentId']}/confirm"

    assert at_once(30, lambda _: call("post", path).status_code) == expected
    assert GatewayCall.objects.filter(operation="read_blob").count() == 1


def test_30_confirms_clean_a_picture_once(azurite):
    call = caller()
    granted = call("get", "/documents/sas?docType=KYC&contentType=image/jpeg").json()
    photo = build_jpeg(with_gps=True)
    requests.put(granted["sasUrl"], data=photo, headers=granted["headers"], timeout=10)
    path = f"/documents/{granted['documentId']}/confirm"

    answers = at_once(30, lambda _: call("post", path).json()["document"]["sha256"])

    assert list(answers.values()) == [30]
    assert GatewayCall.objects.filter(operation="upload_blob").count() == 1


def test_what_was_not_uploaded_is_not_for_anybody(azurite):
    call = caller()
    granted = call("get", "/documents/sas?docType=KYC").json()
    path = f"/documents/{granted['documentId']}/confirm"

    assert at_once(20, lambda _: call("post", path).status_code) == {409: 20}


def test_a_confirm_that_died_is_not_waited_for_longer_than_its_claim(azurite, monkeypatch):
    call = caller()
    granted = call("get", "/documents/sas?docType=KYC").json()
    requests.put(granted["sasUrl"], data=build_pdf(), headers=granted["headers"], timeout=10)
    path = f"/documents/{granted['documentId']}/confirm"
    monkeypatch.setattr(confirming, "CLAIM_WAIT_SECONDS", 0.5)
    documents = Document.objects.filter(pk=granted["documentId"])

    documents.update(claimed_until=timezone.now() + timedelta(seconds=60))
    assert call("post", path).json()["code"] == "storage_unavailable"

    documents.update(claimed_until=timezone.now())
    assert call("post", path).status_code == 200


def test_no_connection_is_held_while_a_file_is_opened_or_scanned(azurite, monkeypatch):
    call = caller()
    granted = call("get", "/documents/sas?docType=KYC").json()
    requests.put(granted["sasUrl"], data=build_pdf(), headers=granted["headers"], timeout=10)
    held = []
    monkeypatch.setattr(
        inspection, "_ask_child", lambda *_: held.append(connection.connection) or (None, b"")
    )
    monkeypatch.setattr(
        scanning, "_ask", lambda _: held.append(connection.connection) or b"stream: OK"
    )
    monkeypatch.setattr("django.conf.settings.CLAMAV_SOCKET", "/nowhere/clamd.sock")

    assert call("post", f"/documents/{granted['documentId']}/confirm").status_code == 200

    assert held == [None, None]


def test_20_puts_make_one_reference():
    call = caller(Role.KAM, App.WEBPRT)
    path = "/documents/references/LEAD-1042"

    answers = at_once(20, lambda _: call("put", path, {"kind": "LEAD"}).status_code)

    assert answers == {201: 1, 200: 19}


def test_links_are_not_outrun(azurite, settings):
    settings.SAS_PER_USER_10MIN = 7
    call = caller()

    answers = at_once(30, lambda _: call("get", "/documents/sas?docType=KYC").status_code)

    assert answers == {200: 7, 429: 23}


SIZE = 140_000  # seven files of this size are just below 1 MB


@pytest.mark.parametrize(("limit", "most"), [("FILES_PER_USER_DAY", 7), ("MB_PER_USER_DAY", 1)])
class TestQuota:
    def test_50_at_once_do_not_outrun_it(self, settings, limit, most):
        """Where it is counted; before that, two files at a time are inspected."""
        setattr(settings, limit, most)
        user = User.objects.create(role=Role.CUSTOMER)
        documents = [make_document(uploader=user) for _ in range(50)]

        def settle(number):
            try:
                quotas.make_available(
                    document=documents[number], size=SIZE, sha256="", etag="", now=timezone.now()
                )
            except Problem as problem:
                return problem.code
            return "made"

        assert at_once(50, settle) == {"made": 7, "file_limit_reached": 43}
        assert Document.objects.filter(state="available").count() == 7

    def test_50_confirms_do_not_outrun_it(self, azurite, settings, limit, most):
        settings.SAS_PER_USER_10MIN = 0
        settings.INSPECTION_WAIT_SECONDS = 120
        setattr(settings, limit, most)
        call = caller()
        granted = [call("get", "/documents/sas?docType=KYC").json() for _ in range(50)]
        content = big_pdf(SIZE)
        for one in granted:
            requests.put(one["sasUrl"], data=content, headers=one["headers"], timeout=10)

        def confirm(number):
            return call("post", f"/documents/{granted[number]['documentId']}/confirm").status_code

        assert at_once(50, confirm) == {200: 7, 429: 43}
