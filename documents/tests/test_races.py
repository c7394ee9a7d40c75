"""Many at once, on PostgreSQL: one verdict, one reference, no more links than allowed."""

from __future__ import annotations

import pytest
import requests
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from accounts.roles import App, Role
from accounts.sessions import issue_token
from documents.tests.files import build_pdf
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


@pytest.mark.parametrize(("limit", "most"), [("FILES_PER_USER_DAY", 7), ("MB_PER_USER_DAY", 1)])
def test_50_confirms_do_not_outrun_the_quota(azurite, settings, limit, most):
    settings.SAS_PER_USER_10MIN = 0
    setattr(settings, limit, most)
    size = 8 if limit == "FILES_PER_USER_DAY" else 140_000  # seven of them are just below 1 MB
    data = b"%PDF-1.4".ljust(size)
    call = caller()
    granted = [call("get", "/documents/sas?docType=KYC").json() for _ in range(50)]
    for one in granted:
        requests.put(one["sasUrl"], data=data, headers=one["headers"], timeout=10)

    answers = at_once(
        50, lambda n: call("post", f"/documents/{granted[n]['documentId']}/confirm").status_code
    )

    assert answers == {200: 7, 429: 43}
