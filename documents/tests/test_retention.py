from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from documents import naming, retention
from documents.models import Document, Reference
from documents.tests.building import make_document

# Transactional: files are deleted outside of any transaction.
pytestmark = pytest.mark.django_db(transaction=True)
LATER = timezone.now() + timedelta(days=1)


@pytest.fixture
def storage(wire, blobs):
    def deletes(document, status=202):
        wire.mock.delete(blobs + document.blob_name, status=status)

    return deletes


def erase(user, **options):
    return retention.erase_documents(user=user, now=LATER, **{"dry_run": False, **options})


def test_no_uploader_can_give_a_file_the_name_of_an_erased_one():
    assert naming.clean_file_name(retention.ERASED) is None


@pytest.mark.parametrize("case_of", ["nobody", "themselves", "somebody_else"])
def test_what_they_filed_goes_unless_it_is_somebody_elses_case(world, storage, case_of):
    partner = world.people["channel_partner"]
    customer = {"nobody": None, "themselves": partner}.get(case_of, world.people["customer"])
    reference = Reference.objects.create(id="C-1", kind="LEAD", customer=customer)
    document = make_document(uploader=partner, reference=reference, state="available")
    storage(document)

    found = erase(partner)

    document.refresh_from_db()
    if case_of == "somebody_else":
        assert (found.erased, found.kept) == (0, [str(document.pk)])
        assert document.state == "available"
    else:
        assert (found.erased, found.kept) == (1, [])
        assert (document.state, document.file_name) == ("deleted", retention.ERASED)


def test_what_others_filed_about_them_is_named(world):
    filed = make_document(uploader=world.people["kam"], reference=world.reference)

    assert erase(world.people["customer"]).kept == [str(filed.pk)]


def test_storage_down_is_told_and_tried_again(world, storage, wire):
    customer = world.people["customer"]
    document = make_document(uploader=customer, state="available")
    storage(document, status=503)

    (failed,) = erase(customer).failed

    assert failed == {
        "documentId": str(document.pk),
        "reason": "the storage did not delete it: GatewayUnavailable",
    }
    wire.mock.reset()
    storage(document)
    assert erase(customer).failed == []
    assert erase(customer).erased == 0


def test_dry_run_asks_no_storage(world, wire):
    make_document(uploader=world.people["customer"])

    assert erase(world.people["customer"], dry_run=True).erased == 1
    assert len(wire.mock.calls) == 0


@pytest.mark.parametrize(("ended", "is_erased"), [(14, False), (16, True)])
def test_a_link_may_outlive_its_end_by_the_storage_s_clock(world, storage, ended, is_erased):
    document = make_document(uploader=world.people["customer"], state="available")
    ends_at = LATER - timedelta(minutes=ended)
    Document.objects.filter(pk=document.pk).update(upload_until=ends_at)
    storage(document)

    found = erase(world.people["customer"])

    document.refresh_from_db()
    assert (found.erased, document.path_closed_at is not None) == (is_erased, is_erased)
    if not is_erased:
        (failed,) = found.failed
        may_until = ends_at + timedelta(minutes=15)
        assert failed["reason"] == f"its upload link may work until {may_until:%H:%M} UTC"
        assert document.file_name != retention.ERASED
