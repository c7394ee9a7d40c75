"""S51: files and bytes within 24 hours, counted when a file becomes available."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from api.problems import Problem
from documents import quotas
from documents.models import Document, State
from documents.tests.building import make_document

MB = 1024 * 1024


@pytest.fixture
def customer(world):
    return world.people["customer"]


def confirmed(user, *, ago, size=4, state=State.AVAILABLE):
    document = make_document(uploader=user, state=state)
    Document.objects.filter(pk=document.pk).update(size=size, available_at=timezone.now() - ago)


def wait_for(user, *, size=4):
    """Seconds until a file of this size fits; 0: it fits now."""
    try:
        quotas.check(uploader_id=user.pk, size=size, now=timezone.now())
    except Problem as problem:
        return problem.retry_after if problem.code == "file_limit_reached" else problem
    return 0


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(timezone.now(), tick=False)


def test_files_count_for_24_hours(settings, customer):
    settings.FILES_PER_USER_DAY = 2
    confirmed(customer, ago=timedelta(hours=24))
    confirmed(customer, ago=timedelta(hours=20))
    assert wait_for(customer) == 0

    confirmed(customer, ago=timedelta(hours=1))

    assert wait_for(customer) == 4 * 3600


def test_waiting_that_long_is_enough(settings, customer, time_machine):
    settings.FILES_PER_USER_DAY = 1
    confirmed(customer, ago=timedelta(hours=3))
    wait = wait_for(customer)

    time_machine.shift(wait)

    assert wait_for(customer) == 0


def test_bytes_count_and_the_oldest_make_room_first(settings, customer):
    settings.MB_PER_USER_DAY = 10
    confirmed(customer, ago=timedelta(hours=23), size=3 * MB)
    confirmed(customer, ago=timedelta(hours=22), size=4 * MB)

    assert wait_for(customer, size=3 * MB) == 0
    assert wait_for(customer, size=3 * MB + 1) == 3600
    assert wait_for(customer, size=7 * MB) == 2 * 3600
    assert wait_for(customer, size=11 * MB) == 24 * 3600


def test_deleted_files_still_count_and_rejected_do_not(settings, customer):
    settings.FILES_PER_USER_DAY = 1
    make_document(uploader=customer, state=State.REJECTED)
    assert wait_for(customer) == 0

    confirmed(customer, ago=timedelta(hours=1), state=State.DELETED)

    assert wait_for(customer) > 0


def test_zero_is_no_limit_and_people_count_apart(settings, customer, world):
    settings.FILES_PER_USER_DAY = settings.MB_PER_USER_DAY = 0
    confirmed(customer, ago=timedelta(), size=500 * MB)
    assert wait_for(customer) == 0

    settings.FILES_PER_USER_DAY = 1

    assert wait_for(customer) > 0
    assert wait_for(world.people["other_customer"]) == 0


def make_available(document, *, size):
    quotas.make_available(
        document=document, size=size, sha256="", etag=f"e{size}", now=timezone.now()
    )


def test_the_document_stays_pending_and_is_confirmed_later(settings, customer, time_machine):
    settings.FILES_PER_USER_DAY = 1
    confirmed(customer, ago=timedelta(hours=23))
    document = make_document(uploader=customer)

    with pytest.raises(Problem):
        make_available(document, size=4)
    document.refresh_from_db()
    assert document.state == State.PENDING
    time_machine.shift(3600)

    make_available(document, size=4)
    make_available(document, size=5)
    document.refresh_from_db()
    assert (document.state, document.size, document.etag) == (State.AVAILABLE, 4, "e4")
