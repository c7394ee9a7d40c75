from __future__ import annotations

import uuid
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from integrations.redact import fingerprint
from integrations.testing import at_once
from otp import challenges, codes, postgres_opening, proofs, retention
from otp.models import Challenge, Phone
from otp.system_limits import Seen

PHONE = "+919812345678"
SEND = {"phone": PHONE, "app": "CUSTAP"}


def make_challenge(*, age=timedelta(), digest="d" * 64):
    at = timezone.now() - age
    Phone.objects.get_or_create(pk=PHONE, defaults={"last_request_at": at})
    return Challenge.objects.create(
        phone_id=PHONE, app="CUSTAP", code_digest=digest, pepper_id="p",
        client_address="192.0.2.1", created_at=at,
    )  # fmt: skip


@pytest.mark.django_db
class TestDigests:
    def test_no_code_matches_a_blank_one(self):
        challenge = make_challenge()
        retention.blank_digests(Challenge.objects.all())
        challenge.refresh_from_db()

        assert not codes.matches(
            challenge_id=challenge.pk,
            phone_e164=PHONE,
            code="",
            code_digest=challenge.code_digest,
            kept_pepper_id=challenge.pepper_id,
        )


@pytest.mark.django_db
class TestErasePhone:
    def test_a_stand_in_takes_its_place_and_is_found_by_the_number(self):
        first = make_challenge()

        assert retention.erase_phone(phone_e164=PHONE, dry_run=False) == 1

        first.refresh_from_db()
        assert first.phone_id == f"erased-{fingerprint(PHONE)[:13]}"
        assert (first.code_digest, first.pepper_id, first.client_address) == ("", "", "")
        assert retention.is_known(phone_e164=PHONE)
        assert len(retention.list_challenges(phone_e164=PHONE)) == 1

    def test_whoever_comes_back_is_erased_again(self):
        for _ in range(2):
            make_challenge()
            assert retention.erase_phone(phone_e164=PHONE, dry_run=False) == 1

        assert Phone.objects.count() == 1
        assert retention.erase_phone(phone_e164=PHONE, dry_run=False) == 0


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_codes_asked_for_meanwhile_are_sent_or_refused_as_ever(wire, settings):
    settings.OTP_COOLDOWN_SECONDS = []
    settings.OTP_SENDS_PER_PHONE_10MIN = settings.OTP_SENDS_PER_PHONE_HOUR = 0
    settings.OTP_SENDS_PER_PHONE_DAY = settings.OTP_SENDS_PER_PREFIX_10MIN = 0
    wire.msg91_accepts()

    def act(number):
        if number % 2:
            retention.erase_phone(phone_e164=PHONE, dry_run=False)
            return 0
        return APIClient().post("/integrations/sendOTP", SEND, format="json").status_code

    answers = at_once(24, act)

    # 429: another one's code was accepted after this request had begun.
    assert set(answers) <= {0, 200, 429}
    assert answers[200] == Challenge.objects.count() == len(wire.codes())


@pytest.mark.postgres
@pytest.mark.django_db
def test_a_number_that_vanished_between_two_looks_is_looked_for_again():
    now = timezone.now()

    sends, version = challenges.recent_with_version(PHONE, now=now)

    assert (sends, version) == ([], None)
    another = Challenge(phone_id=PHONE, app="CUSTAP", client_address="", created_at=now)
    assert not postgres_opening.open_another(another, version=version, seen=Seen())


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_known_install_that_asks_meanwhile_is_sent_its_code(wire, settings):
    settings.OTP_COOLDOWN_SECONDS = []
    settings.OTP_SENDS_PER_PHONE_10MIN = settings.OTP_SENDS_PER_PHONE_HOUR = 0
    settings.OTP_SENDS_PER_PHONE_DAY = 0
    wire.msg91_accepts()
    shown = proofs.make(install_id=uuid.uuid4(), phone_e164=PHONE)

    def act(number):
        if number % 2:
            retention.erase_phone(phone_e164=PHONE, dry_run=False)
            return 0
        client = APIClient(HTTP_X_INSTALL_PROOF=shown)
        return client.post("/integrations/sendOTP", SEND, format="json").status_code

    answers = sum((at_once(24, act) for _ in range(4)), Counter())

    assert set(answers) <= {0, 200, 429}
    assert answers[200] == len(wire.codes())
