"""Handing out what is held about one person, and whom `subject_data` refuses."""

from __future__ import annotations

import json
import stat
from unittest.mock import Mock

import pytest
from django.core.management import CommandError
from django.db import OperationalError
from django.utils import timezone

from accounts.models import AuthToken, SecurityEvent
from documents.models import Reference
from integrations.redact import fingerprint
from solarium import subjects
from solarium.tests.admin_rows import make_demo_number
from solarium.tests.subject_world import (
    ADDRESS,
    EMAIL,
    NAME,
    OTHER_PHONE,
    PHONE,
    make_asha,
    make_document,
    make_somebody_else,
    run,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def asha():
    return make_asha()


class TestExport:
    def test_holds_what_every_app_knows_and_is_recorded(self, asha):
        make_somebody_else()
        document = make_document(asha)
        make_demo_number(phone=PHONE, at=timezone.now())
        Reference.objects.create(id="LEAD-1", kind="LEAD", customer=asha)

        held = json.loads(run("export", phone="098123-45678"))

        assert (held["phones"], held["emails"]) == ([PHONE], [EMAIL])
        assert held["account"]["name"] == NAME
        assert [each["app"] for each in held["account"]["sessions"]] == ["CUSTAP"]
        assert [each["fileName"] for each in held["documents"]] == [document.file_name]
        assert [each["documentId"] for each in held["links"]] == [str(document.pk)]
        assert held["references"][0]["as"] == ["customer"]
        assert held["challenges"][0]["clientAddress"] == ADDRESS
        assert held["demoNumbers"][0]["role"] == "CUSTOMER"
        assert len(held["calls"]) == 2
        assert [each["state"] for each in held["deliveryEvents"]] == ["undelivered"] * 2
        assert [each["kind"] for each in held["suppressions"]] == ["bounce"]
        assert len(held["events"]) == 3
        assert OTHER_PHONE[-4:] not in json.dumps(held)
        recorded = SecurityEvent.objects.filter(kind="subject_exported")
        assert sorted(recorded.values_list("subject_fingerprint", flat=True)) == sorted(
            [fingerprint(PHONE), fingerprint(EMAIL)]
        )

    def test_says_nothing_secret(self, asha):
        text = run("export", email=EMAIL)

        token = AuthToken.objects.get()
        assert PHONE in text
        for secret in ("d" * 64, token.digest, token.token_key, asha.password):
            assert secret not in text

    def test_file_is_for_its_owner_alone_and_never_written_over(self, asha, tmp_path):
        output = tmp_path / "asha.json"

        assert run("export", phone=PHONE, output=str(output)) == ""

        assert json.loads(output.read_text())["account"]["id"] == str(asha.pk)
        assert stat.S_IMODE(output.stat().st_mode) == 0o600
        with pytest.raises(CommandError, match="cannot be made: File exists"):
            run("export", phone=PHONE, output=str(output))

    @pytest.mark.parametrize("raised", [OperationalError("gone"), KeyboardInterrupt()])
    def test_what_stopped_half_way_leaves_no_file_behind(self, asha, tmp_path, monkeypatch, raised):
        output = tmp_path / "asha.json"

        with monkeypatch.context() as broken:
            broken.setattr(subjects, "export", Mock(side_effect=raised))
            with pytest.raises(CommandError, match="un this again"):
                run("export", phone=PHONE, output=str(output))
        assert not output.exists()

        run("export", phone=PHONE, output=str(output))

        assert json.loads(output.read_text())["phones"] == [PHONE]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"phone": "+919899999999"}, "Nothing is held about this person."),
        ({"email": "nobody@solarium.example"}, "Nothing is held about this person."),
        ({"phone": "12345"}, "--phone is not a valid mobile number"),
        ({"email": "nobody"}, "--email is not a mail address"),
        ({}, "Give --phone or --email"),
        ({"phone": PHONE, "email": EMAIL}, "Give --phone or --email"),
    ],
)
@pytest.mark.parametrize("action", ["export", "erase"])
def test_whom_it_does_not_find(action, options, sentence):
    with pytest.raises(CommandError, match=sentence):
        run(action, **options)

    assert not SecurityEvent.objects.exists()


@pytest.mark.parametrize(
    ("action", "options", "sentence"),
    [
        ("", {}, "export or erase"),
        ("remove", {}, "export or erase"),
        ("erase", {"output": "x.json"}, "--output belongs to export"),
        ("export", {"dry_run": True}, "--dry-run belongs to erase"),
    ],
)
def test_what_it_cannot_do(action, options, sentence):
    with pytest.raises(CommandError, match=sentence):
        run(action, phone=PHONE, **options)
