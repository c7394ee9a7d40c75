"""Who got which right on which blob, when, from where, until when (S44, S50)."""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode
from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.utils import timezone

from documents.models import Document, SASGrant, State
from documents.tests.building import ETAG, make_document


def signature_of(answer):
    text = unquote(re.search(r"[?&]sig=([^&]+)", answer.json()["sasUrl"])[1])
    return hashlib.sha256(b64decode(text)).hexdigest()


@pytest.mark.usefixtures("_unchanged")
def test_every_kind_of_link_leaves_a_row_that_tells_all(world, time_machine):
    now = timezone.now().replace(microsecond=0)
    time_machine.move_to(now, tick=False)
    customer = world.client("customer")
    upload = customer.get("/documents/sas?docType=KYC")
    document = Document.objects.get(pk=upload.json()["documentId"])
    time_machine.move_to(now + timedelta(minutes=1), tick=False)
    renewed = customer.post(f"/documents/{document.pk}/renew")
    Document.objects.update(state=State.AVAILABLE, etag=ETAG)
    download = world.client("admin").get(f"/documents/sas?documentId={document.pk}")

    rows = SASGrant.objects.order_by("id")

    assert [(row.right, row.user_id) for row in rows] == [
        ("create", world.people["customer"].pk),
        ("create", world.people["customer"].pk),
        ("read", world.people["admin"].pk),
    ]
    assert [row.signature_sha256 for row in rows] == [
        signature_of(answer) for answer in (upload, renewed, download)
    ]
    assert {(row.document_id, row.blob_name, row.client_address) for row in rows} == {
        (document.pk, document.blob_name, "127.0.0.1")
    }
    assert [row.issued_at - now for row in rows] == [timedelta(minutes=m) for m in (0, 1, 1)]
    assert {row.expires_at - row.issued_at for row in rows} == {timedelta(minutes=30)}
    assert [row.correlation_id for row in rows] == [
        answer.json()["correlationId"] for answer in (upload, renewed, download)
    ]


def test_no_row_holds_what_opens_anything(world):
    link = world.client("customer").get("/documents/sas?docType=KYC").json()["sasUrl"]

    row = str(vars(SASGrant.objects.get()))

    signature = link.partition("sig=")[2]
    assert signature not in row
    assert unquote(signature) not in row


@pytest.mark.parametrize("state", [State.PENDING, State.REJECTED])
def test_refused_links_leave_none(world, state):
    document = make_document(uploader=world.people["customer"], state=state)

    world.client("customer").get(f"/documents/sas?documentId={document.pk}")
    world.client("other_customer").get(f"/documents/sas?documentId={document.pk}")
    world.client("kam").get("/documents/sas?docType=KYC")

    assert not SASGrant.objects.exists()
