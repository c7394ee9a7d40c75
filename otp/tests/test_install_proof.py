"""Install proofs: what they hold, and what an install may ask for that shows one (S18)."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core import signing

from otp import proofs
from otp.models import Challenge, Install
from otp.tests.asking import OTHER, PHONE, START, Asker, verdict, wrong

pytestmark = pytest.mark.django_db


class TestTheProof:
    def test_comes_with_every_login_and_keeps_its_install(self, owner):
        first = owner.proof
        owner.send()

        assert owner.verify().json()["installProof"]

        assert owner.proof != first
        assert proofs.read(owner.proof).install_id == proofs.read(first).install_id

    def test_another_phone_gets_another_install(self, owner):
        first, owner.phone = owner.proof, OTHER
        owner.send()
        owner.verify()

        assert proofs.read(owner.proof).install_id != proofs.read(first).install_id

    def test_holds_no_phone_and_none_of_our_fingerprints(self, owner):
        from integrations import redact

        told = signing.b64_decode(owner.proof.split(":")[0].encode()).decode()

        assert PHONE[3:] not in owner.proof + told
        assert redact.fingerprint(PHONE)[:16] not in told

    def test_is_good_for_180_days(self, owner):
        with time_machine.travel(START + timedelta(days=178), tick=False):
            assert proofs.read(owner.proof)
        with time_machine.travel(START + timedelta(days=178, seconds=2), tick=False):
            assert proofs.read(owner.proof) is None

    def test_outlives_a_new_secret_key_that_knows_the_old_one(self, owner, settings):
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "another"
        assert proofs.read(owner.proof)

        settings.SECRET_KEY_FALLBACKS = []
        assert proofs.read(owner.proof) is None

    @pytest.mark.parametrize(
        "junk", ["x", ":", "a:b:c", "é", "x" * 10_240, "e30:1vNqVq:", " ", "null", "%00"]
    )
    def test_junk_counts_as_none(self, owner, junk):
        owner.proof = junk

        assert owner.send().status_code == 200
        assert owner.verify().status_code == 200
        assert Challenge.objects.latest("created_at").install_id is None

    def test_what_another_part_of_us_signed_is_none(self):
        told = {"i": uuid4().hex, "p": "0" * 32}

        assert proofs.read(signing.TimestampSigner(salt="other").sign_object(told)) is None

    def test_an_altered_one_is_none(self, owner):
        for at in range(0, len(owner.proof), 7):
            altered = owner.proof[:at] + ("A" if owner.proof[at] != "A" else "B")
            assert proofs.read(altered + owner.proof[at + 1 :]) is None


class TestSends:
    def test_a_stranger_cannot_use_up_the_owners_codes(self, owner, stranger, settings):
        settings.OTP_COOLDOWN_SECONDS = [0]
        while stranger.send().status_code == 200:
            pass
        assert verdict(stranger.send()) == (429, "send_limit_reached")

        assert owner.send().status_code == 200
        assert owner.verify().status_code == 200

    def test_nor_make_the_owner_wait(self, owner, stranger):
        stranger.send()
        assert verdict(stranger.send()) == (429, "resend_too_soon")

        assert owner.send().json()["resendIn"] == 30

    def test_an_install_has_limits_of_its_own(self, owner, settings, clock):
        assert owner.send().status_code == 200
        assert verdict(owner.send()) == (429, "resend_too_soon")
        settings.OTP_COOLDOWN_SECONDS = [0]
        clock.shift(timedelta(seconds=30))

        assert [owner.send().status_code for _ in range(3)] == [200, 200, 429]
        assert owner.send()["Retry-After"] == "570"
        clock.shift(timedelta(minutes=10))
        assert [owner.send().status_code for _ in range(3)] == [200, 200, 429]
        assert owner.send()["Retry-After"] == "2970"  # five an hour

    def test_what_an_install_asks_for_leaves_the_phones_own(self, owner, stranger):
        owner.send()

        assert stranger.send().status_code == 200

    def test_a_proof_for_another_phone_gains_nothing(self, owner, stranger, settings):
        stranger.phone = OTHER
        stranger.send()
        stranger.verify()
        stranger.phone = PHONE

        assert stranger.send().status_code == 200
        assert verdict(stranger.send()) == (429, "resend_too_soon")
        assert Challenge.objects.latest("created_at").install_id is None

    def test_an_expired_one_gains_nothing(self, owner, stranger):
        stranger.send()
        with time_machine.travel(START + timedelta(days=180), tick=False):
            owner.send()
            assert verdict(owner.send()) == (429, "resend_too_soon")
            assert Challenge.objects.latest("created_at").install_id is None

    def test_prefix_minute_and_budget_do_not_apply(self, owner, stranger, settings, wire):
        settings.OTP_SENDS_PER_PREFIX_10MIN = settings.OTP_SENDS_PER_MINUTE = 1
        settings.OTP_DAILY_BUDGET_RUPEES, settings.OTP_PRICE_PAISE = 1, 100
        stranger.send()
        second = Asker(wire, address="192.0.2.9", phone=PHONE[:-1] + "1")
        assert verdict(second.send()) == (429, "send_limit_reached")

        assert owner.send().status_code == 200

        settings.OTP_SENDS_PER_PREFIX_10MIN, settings.OTP_SENDS_PER_MINUTE = 2, 2
        settings.OTP_DAILY_BUDGET_RUPEES = 2
        assert second.send().status_code == 200, "what an install asked for is not counted"

    def test_the_limit_of_the_address_applies(self, owner, settings):
        settings.OTP_SENDS_PER_IP_10MIN = settings.OTP_VERIFIES_PER_IP_10MIN = 1
        settings.OTP_COOLDOWN_SECONDS = [0]
        owner.send()

        assert verdict(owner.send()) == (429, "send_limit_reached")
        assert owner.verify(wrong(owner.code)).status_code == 400
        assert verdict(owner.verify()) == (429, "verify_limit_reached")

    def test_a_proof_works_after_its_number_was_erased(self, owner):
        from otp import retention

        owner.send()
        retention.erase_phone(phone_e164=PHONE, dry_run=False)
        assert not Install.objects.exists()

        assert owner.send().status_code == 200
        assert owner.verify().status_code == 200
