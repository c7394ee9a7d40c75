"""Wrong codes lock whoever typed them: a stranger locks no owner out (S16, S18)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from otp.models import Phone
from otp.tests.asking import OTHER, verdict, wrong

pytestmark = pytest.mark.django_db


@pytest.fixture
def unpaused(settings):
    settings.OTP_COOLDOWN_SECONDS = []
    settings.OTP_SENDS_PER_PHONE_10MIN = settings.OTP_SENDS_PER_PHONE_HOUR = 0
    settings.OTP_SENDS_PER_PHONE_DAY = settings.OTP_SENDS_PER_PREFIX_10MIN = 0


@pytest.mark.usefixtures("unpaused")
@pytest.mark.slow
class TestWrongCodes:
    def test_a_stranger_cannot_lock_the_owner_out(self, owner, stranger):
        stranger.guess(10)
        stranger.send()
        assert verdict(stranger.verify()) == (429, "phone_locked")

        owner.send()
        assert owner.verify(wrong(owner.code)).status_code == 400
        assert owner.verify().status_code == 200

    def test_wrong_codes_of_the_owner_count_for_the_install(self, owner, stranger):
        owner.guess(10)
        owner.send()

        assert verdict(owner.verify()) == (429, "phone_locked")
        assert owner.verify()["Retry-After"] == "3600"
        stranger.send()
        assert stranger.verify(wrong(stranger.code)).status_code == 400

    def test_who_tries_is_charged_whoever_asked(self, owner, stranger):
        """A stranger who learned of the owner's challenge uses up its tries, not the owner's."""
        for _ in range(2):
            owner.send()
            for _ in range(5):
                stranger.verify(wrong(owner.code), challenge_id=owner.challenge_id)
        assert verdict(owner.verify()) == (429, "otp_attempts_exhausted")

        owner.send()
        other = stranger.verify(wrong(owner.code), challenge_id=owner.challenge_id)
        assert verdict(other) == (429, "phone_locked")
        assert owner.verify().status_code == 200

    def test_five_tries_a_challenge_in_all(self, owner, stranger):
        owner.send()
        answers = [owner.verify(wrong(owner.code)) for _ in range(3)]
        answers.append(stranger.verify(wrong(owner.code), challenge_id=owner.challenge_id))
        answers.append(owner.verify(wrong(owner.code)))

        assert [answer.json()["attemptsLeft"] for answer in answers] == [4, 3, 2, 1, 0]
        assert verdict(owner.verify()) == (429, "otp_attempts_exhausted")

    def test_a_right_code_of_the_day_does_not_count_as_wrong(self, owner):
        for _ in range(25):
            owner.send()
            assert owner.verify().status_code == 200

    def test_the_windows_are_exact_at_their_edges(self, stranger, clock):
        stranger.guess(9)
        clock.shift(timedelta(seconds=60))
        stranger.send()
        assert stranger.verify(wrong(stranger.code)).status_code == 400

        assert stranger.verify()["Retry-After"] == "3540"
        clock.shift(timedelta(seconds=3539))
        stranger.send()
        assert verdict(stranger.verify()) == (429, "phone_locked")
        clock.shift(timedelta(seconds=1))
        assert stranger.verify().status_code == 200

    def test_twenty_a_day(self, stranger, clock):
        for _ in range(2):
            stranger.guess(10)
            clock.shift(timedelta(hours=2))
        stranger.send()

        assert stranger.verify()["Retry-After"] == str(20 * 3600)

    def test_the_longest_wait_speaks_for_a_try(self, stranger, settings):
        settings.OTP_VERIFIES_PER_IP_10MIN = 10
        stranger.guess(10)
        stranger.send()

        assert verdict(stranger.verify()) == (429, "phone_locked")

    def test_what_the_lock_refuses_does_not_use_up_the_address(self, stranger, settings):
        settings.OTP_VERIFIES_PER_IP_10MIN = 11
        stranger.guess(10)
        stranger.send()
        assert {verdict(stranger.verify()) for _ in range(5)} == {(429, "phone_locked")}

        stranger.phone = OTHER
        stranger.send()
        assert stranger.verify().status_code == 200


@pytest.mark.usefixtures("unpaused")
@pytest.mark.slow
class TestAHundredInARow:
    @pytest.fixture(autouse=True)
    def _row_only(self, settings):
        settings.OTP_WRONG_CODES_PER_PHONE_HOUR = settings.OTP_WRONG_CODES_PER_PHONE_DAY = 0
        settings.OTP_VERIFIES_PER_IP_10MIN = 0
        settings.OTP_SENDS_PER_IP_10MIN = 0

    def test_lock_the_phone_for_good(self, stranger, clock):
        answers = stranger.guess(100)
        assert {answer.status_code for answer in answers} == {400}

        assert stranger.send().status_code == 200, "a locked phone still gets codes"
        locked = stranger.verify()
        assert verdict(locked) == (429, "phone_locked")
        assert locked["Retry-After"] == "86400"
        clock.shift(timedelta(days=40))
        stranger.send()
        assert verdict(stranger.verify()) == (429, "phone_locked")

    def test_a_right_code_before_that_begins_a_new_row(self, stranger):
        stranger.guess(99)
        stranger.send()
        assert stranger.verify().status_code == 200
        assert Phone.objects.get().wrong_in_a_row == 0
        stranger.proof = ""

        stranger.guess(99)
        stranger.send()
        assert stranger.verify().status_code == 200

    def test_a_code_from_a_known_install_lifts_it(self, owner, stranger):
        stranger.guess(100)
        stranger.send()
        assert verdict(stranger.verify()) == (429, "phone_locked")

        owner.send()
        assert owner.verify().status_code == 200

        stranger.send()
        assert stranger.verify().status_code == 200

    def test_an_install_has_a_row_of_its_own(self, owner, stranger, settings):
        settings.OTP_WRONG_CODES_IN_A_ROW = 7
        owner.guess(7)
        owner.send()
        assert verdict(owner.verify()) == (429, "phone_locked")

        stranger.send()
        assert stranger.verify().status_code == 200

    def test_zero_switches_it_off(self, stranger, settings):
        settings.OTP_WRONG_CODES_IN_A_ROW = 0
        stranger.guess(101)
        stranger.send()

        assert stranger.verify().status_code == 200
