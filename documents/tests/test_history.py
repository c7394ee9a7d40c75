"""What a reference's people were before: insert-only rows that ops read."""

from __future__ import annotations

import pytest

from documents.models import ReferenceChange
from documents.tests.building import make_document


def history():
    rows = ReferenceChange.objects.order_by("id")
    return [(row.field, row.was, row.became) for row in rows]


@pytest.fixture
def put(world):
    def put(name="kam", *, reference="LEAD-1042", **people):
        body = {"kind": "LEAD"} | {
            field: str(world.people[who].pk) for field, who in people.items()
        }
        return world.client(name).put(f"/documents/references/{reference}", body)

    return put


def test_who_was_exchanged_by_whom(world, put):
    answer = put("admin", customer="other_customer", channelPartner="channel_partner", kam="kam")

    assert answer.status_code == 200
    before, after = (str(world.people[name].pk) for name in ("customer", "other_customer"))
    assert history() == [("customer", before, after)]
    row = ReferenceChange.objects.get()
    assert (row.reference_id, row.actor_id) == ("LEAD-1042", world.people["admin"].pk)
    assert row.correlation_id == answer.json()["correlationId"]


def test_who_was_taken_off(world, put):
    put("kam", customer="customer")

    assert history() == [("channelPartner", str(world.people["channel_partner"].pk), "")]


def test_a_new_one_begins_its_history(world, put):
    put("kam", reference="LEAD-1", customer="customer")

    people = {name: str(world.people[name].pk) for name in ("customer", "kam")}
    assert history() == [
        ("kind", "", "LEAD"),
        ("customer", "", people["customer"]),
        ("kam", "", people["kam"]),
    ]


def test_the_same_again_changes_nothing(put):
    same = {"customer": "customer", "channelPartner": "channel_partner", "kam": "kam"}
    put("kam", **same)

    assert history() == []


def test_a_refused_change_leaves_no_trace(put):
    assert put("other_kam", customer="other_customer").status_code == 404

    assert history() == []


@pytest.mark.usefixtures("_unchanged")
@pytest.mark.parametrize("gone", ["customer", "channel_partner", "kam"])
def test_who_was_removed_gets_no_new_link_at_once(world, put, gone):
    pending = make_document(uploader=world.people[gone], reference=world.reference, doc_type="KYC")
    available = make_document(
        uploader=world.people[gone], reference=world.reference, state="available"
    )
    client = world.client(gone)
    assert client.get(f"/documents/sas?documentId={available.pk}").status_code == 200
    stay = {"customer": "customer", "channelPartner": "channel_partner", "kam": "kam"}
    field = {"channel_partner": "channelPartner"}.get(gone, gone)
    stay[field] = f"other_{gone}"
    assert put("admin", **stay).status_code == 200

    for ask in (
        lambda: client.get(f"/documents/sas?documentId={available.pk}"),
        lambda: client.post(f"/documents/{pending.pk}/renew"),
        lambda: client.post(f"/documents/{pending.pk}/confirm"),
        lambda: client.get("/documents/sas?docType=KYC&referenceId=LEAD-1042"),
    ):
        assert ask().status_code == 404


def test_a_kam_sees_only_his_own_references(world, put):
    put("other_kam", reference="LEAD-OTHER")

    def ids(name):
        listed = world.client(name).get("/documents/references").json()["references"]
        return sorted(one["id"] for one in listed)

    assert ids("kam") == ["LEAD-1042"]
    assert ids("other_kam") == ["LEAD-OTHER"]
    assert ids("admin") == ["LEAD-1042", "LEAD-OTHER"]
    assert world.client("kam").get("/documents/references/LEAD-OTHER").status_code == 404
