"""Monthly folders turn at midnight UTC, wherever the caller or the server is (S45)."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest

from documents.models import Document
from documents.naming import blob_name

KOLKATA, LOS_ANGELES = timezone(timedelta(hours=5.5)), timezone(timedelta(hours=-8))


@pytest.mark.parametrize(
    ("moment", "folder"),
    [
        (datetime(2026, 11, 30, 23, 59, 59, 999999, UTC), "2026/11"),
        (datetime(2026, 12, 1, tzinfo=UTC), "2026/12"),
        (datetime(2026, 12, 31, 23, 59, 59, 999999, UTC), "2026/12"),
        (datetime(2027, 1, 1, tzinfo=UTC), "2027/01"),
        (datetime(2028, 2, 29, 23, 59, 59, tzinfo=UTC), "2028/02"),
        (datetime(2027, 1, 1, 5, 29, 59, tzinfo=KOLKATA), "2026/12"),
        (datetime(2027, 1, 1, 5, 30, tzinfo=KOLKATA), "2027/01"),
        (datetime(2026, 12, 31, 16, 0, tzinfo=LOS_ANGELES), "2027/01"),
    ],
)
def test_links_and_names_agree(world, time_machine, moment, folder):
    time_machine.move_to(moment, tick=False)

    issued = world.client("customer").get("/documents/sas?docType=KYC").json()

    assert re.fullmatch(rf"docs/test/{folder}/[0-9a-f-]{{36}}\.pdf", issued["path"])
    assert f"/docs/test/{folder}/" in issued["sasUrl"]
    named = blob_name(document_id=uuid.uuid4(), content_type="application/pdf", now=moment)
    assert named.startswith(f"test/{folder}/")


def test_a_document_stays_in_the_folder_it_was_announced_in(world, time_machine, wire, blobs):
    time_machine.move_to(datetime(2026, 12, 31, 23, 50, tzinfo=UTC), tick=False)
    client = world.client("customer")
    issued = client.get("/documents/sas?docType=KYC").json()
    path = f"/documents/{issued['documentId']}"
    document = Document.objects.get()

    time_machine.move_to(datetime(2027, 1, 1, 0, 10, tzinfo=UTC), tick=False)
    renewed = client.post(f"{path}/renew").json()
    shown = client.get(path).json()["document"]

    assert issued["path"] == renewed["path"] == shown["path"] == f"docs/{document.blob_name}"
    assert issued["path"].startswith("docs/test/2026/12/")
    assert (issued["expiresAt"], renewed["expiresAt"]) == (
        "2027-01-01T00:20:00.000Z",
        "2027-01-01T00:40:00.000Z",
    )
