"""Erasing what tells who a person is."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import second_factor
from accounts.models import AuthToken, SecurityEvent, User
from accounts.roles import Role
from documents.models import Document, Reference
from integrations.models import GatewayCall
from integrations.redact import fingerprint
from otp.models import Challenge, Phone
from otp.retention import stand_in
from solarium.tests.subject_world import (
    ADDRESS,
    EMAIL,
    NAME,
    OTHER_PHONE,
    PHONE,
    erase,
    everything,
    make_asha,
    make_document,
    make_somebody_else,
    make_traces,
    rows_of,
    run,
    sha256_of,
)

# Transactional: files are deleted outside of any transaction.
pytestmark = pytest.mark.django_db(transaction=True)
ROWS_OF_ASHA = {
    "documents.Document": 1,
    "documents.SASGrant": 1,
    "otp.Challenge": 1,
    "integrations.GatewayCall": 2,
    "integrations.DeliveryEvent": 2,
    "integrations.Suppression": 1,
    "accounts.SecurityEvent": 3,
    "accounts.User": 1,
}


@pytest.fixture
def asha():
    return make_asha()


@pytest.fixture
def somebody_else():
    return make_somebody_else()


@pytest.fixture
def blobs(settings, wire):
    """The storage, answered at the wire: every blob can be deleted."""
    options = settings.INTEGRATIONS["blob"]["OPTIONS"]
    base = options["connection_string"].partition("BlobEndpoint=")[2].rstrip(";")

    def answer(document, **with_):
        wire.mock.delete(f"{base}/{options['container']}/{document.blob_name}", **with_)

    return answer


class TestErase:
    def test_nothing_tells_who_it_was_and_the_audit_stays(self, asha, somebody_else, blobs):
        document = make_document(asha)
        blobs(document, status=202)
        calls, events = GatewayCall.objects.count(), SecurityEvent.objects.count()
        before = everything()

        receipt = erase()

        assert receipt["complete"]
        assert rows_of(receipt) == ROWS_OF_ASHA
        left = everything()
        for planted in (PHONE, "******5678", EMAIL, "a***@", NAME, "Aadhaar", sha256_of(asha)):
            assert planted in before, planted
            assert planted not in left, planted
        assert left.count(ADDRESS) == before.count(ADDRESS) - 5, "her own, not the other's"
        for kept in (fingerprint(PHONE), fingerprint(EMAIL), stand_in(PHONE)):
            assert kept in left
        # One call more deleted the blob; two events say that it was done, by phone and by mail.
        assert GatewayCall.objects.count() == calls + 1
        assert SecurityEvent.objects.count() == events + 2
        assert not AuthToken.objects.filter(user=asha).exists()

    def test_nobody_else_is_touched(self, asha, somebody_else):
        def theirs():
            return [
                list(User.objects.filter(pk=somebody_else.pk).values()),
                list(Document.objects.filter(uploader=somebody_else).values()),
                list(Challenge.objects.filter(phone_id=OTHER_PHONE).values()),
                list(
                    SecurityEvent.objects.filter(
                        subject_fingerprint=fingerprint(OTHER_PHONE)
                    ).values()
                ),
            ]

        before = theirs()

        erase()

        assert theirs() == before

    def test_again_finds_nothing_to_do(self, asha):
        erase()

        again = erase()

        assert again["complete"]
        assert set(rows_of(again).values()) == {0}

    def test_dry_run_says_the_same_and_changes_nothing(self, asha):
        make_document(asha)
        before = everything()

        counted = erase(dry_run=True)

        assert everything() == before
        assert rows_of(counted) == ROWS_OF_ASHA

    def test_a_file_that_stays_keeps_the_account_findable(self, asha, blobs, wire):
        stubborn, gone = make_document(asha), make_document(asha)
        blobs(stubborn, status=403, headers={"x-ms-error-code": "AuthorizationFailure"})
        blobs(gone, status=202)

        with pytest.raises(CommandError, match="1 files are not erased yet"):
            erase()

        asha.refresh_from_db()
        assert (asha.is_active, asha.phone) == (False, PHONE)
        stubborn.refresh_from_db()
        assert (stubborn.state, stubborn.file_name) == ("deleted", "Asha Aadhaar.pdf")
        gone.refresh_from_db()
        assert gone.file_name == "[erased]"
        assert SecurityEvent.objects.filter(kind="subject_erased", result="refused").exists()

        wire.mock.reset()
        blobs(stubborn, status=202)
        assert erase()["complete"]
        asha.refresh_from_db()
        assert asha.phone is None

    def test_a_file_that_could_come_back_is_not_done(self, asha, blobs, time_machine):
        fresh = make_document(asha, age=timedelta(minutes=29))
        blobs(fresh, status=202)
        out = io.StringIO()

        with pytest.raises(CommandError, match="run this again"):
            call_command("subject_data", "erase", phone=PHONE, stdout=out)

        assert "its upload link may work until" in out.getvalue()
        time_machine.move_to(timezone.now() + timedelta(minutes=14))  # its end, by our clock
        with pytest.raises(CommandError, match="run this again"):
            erase()
        time_machine.shift(timedelta(minutes=3))
        assert erase()["complete"]

    def test_what_is_somebody_elses_case_is_kept(self, asha, somebody_else, blobs):
        partner = User.objects.create_user(role=Role.CHANNEL_PARTNER, phone="+919800000003")
        case = Reference.objects.create(id="LEAD-1", kind="LEAD", customer=asha)
        filed = make_document(partner, reference=case)

        by_partner = erase(phone="+919800000003")

        assert by_partner["kept"] == [str(filed.pk)]
        filed.refresh_from_db()
        assert filed.state == "available"
        assert erase()["kept"] == [str(filed.pk)], "filed about her, by somebody else"

    @pytest.mark.parametrize("role", [Role.ADMIN, Role.KAM])
    def test_staff_are_refused(self, role):
        user = User.objects.create_user(role=role, email="ops@solarium.example", name=NAME)

        with pytest.raises(CommandError, match="an account of staff"):
            erase(phone="", email="OPS@solarium.example")

        user.refresh_from_db()
        assert (user.name, user.is_active) == (NAME, True)

    def test_who_was_staff_once_leaves_no_second_factor(self, somebody_else):
        user = User.objects.create_user(role=Role.ADMIN, phone=PHONE)
        for each in (user, somebody_else):
            second_factor.enrol(user=each)
        user.role = Role.CUSTOMER
        user.save()

        erase(dry_run=True)
        assert TOTPDevice.objects.count() == 2
        erase()

        assert TOTPDevice.objects.get().user == somebody_else

    def test_a_number_without_an_account(self):
        make_traces(phone=PHONE, at=timezone.now())

        receipt = erase(phone="98123 45678")

        assert rows_of(receipt)["otp.Challenge"] == 1
        assert not Phone.objects.filter(pk=PHONE).exists()
        assert Challenge.objects.get().code_digest == ""
        assert json.loads(run("export", phone=PHONE))["challenges"][0]["clientAddress"] == ""

    def test_a_code_that_is_out_works_no_more(self, asha, api_client, wire):
        wire.msg91_accepts()
        sent = api_client.post("/integrations/sendOTP", {"phone": PHONE, "app": "CUSTAP"}).json()
        erase()

        answer = api_client.post(
            "/integrations/verifyOTP",
            {"challengeId": sent["challengeId"], "otp": wire.codes()[-1]},
        )

        assert answer.json()["code"] == "otp_incorrect"

    def test_receipt_for_people(self, asha):
        text = run("erase", phone=PHONE)

        assert "Receipt of erasure" in text
        assert f"Fingerprint: {fingerprint(PHONE)}" in text
        assert "number replaced by its fingerprint" in text
