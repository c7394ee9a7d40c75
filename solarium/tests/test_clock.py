"""A machine whose clock is an hour off says so, and removes nothing by its age."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.utils import timezone

from documents.models import Document, State
from documents.tests.building import make_document, make_user
from integrations import alert_watch
from solarium import clock

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
HOUR = timedelta(hours=1)


@pytest.fixture(params=[HOUR, -HOUR], ids=["fast", "slow"])
def off(request, time_machine):
    time_machine.move_to(timezone.now() + request.param)
    return request.param


def test_it_is_told_every_minute(off, caplog):
    cache.clear()  # that the minute is over
    alert_watch.look_once()

    [line] = [each for each in caplog.records if each.message == "clock is off"]
    assert line.levelname == "CRITICAL"
    assert line.seconds_ahead == pytest.approx(off.total_seconds(), abs=60)


def test_a_good_one_is_not_worth_a_line(caplog):
    clock.tell_if_off()

    assert not caplog.records


def test_no_fresh_upload_is_swept(time_machine):
    document = make_document(uploader=make_user("CUSTOMER"))
    time_machine.move_to(timezone.now() + HOUR + timedelta(minutes=1))

    with pytest.raises(CommandError, match="clock is 61 minutes ahead of the database's"):
        call_command("sweep_documents")

    assert Document.objects.get(pk=document.pk).state == State.PENDING


@pytest.mark.parametrize("command", ["sweep_documents", "purge_records"])
def test_what_goes_by_age_is_refused(off, command):
    with pytest.raises(CommandError, match="clock is 60 minutes (ahead of|behind) the database's"):
        call_command(command)


@pytest.mark.parametrize("command", ["sweep_documents", "purge_records"])
def test_what_only_looks_is_not(off, command, capsys):
    call_command(command, dry_run=True)

    assert "would" in capsys.readouterr().out
