from __future__ import annotations

import uuid
from collections import Counter

import pytest
from django.core.management import call_command

from integrations import keys
from otp import codes

PHONE = "+919800000000"


def test_codes_are_uniform_and_keep_leading_zeros():
    """S1: chi-square over the first digit and over the last of 10^5 codes."""
    made = [codes.make_code() for _ in range(100_000)]

    assert all(len(code) == 6 and code.isascii() and code.isdigit() for code in made)
    for position in (0, 5):
        counts = Counter(code[position] for code in made)
        assert len(counts) == 10
        chi_square = sum((count - 10_000) ** 2 / 10_000 for count in counts.values())
        assert chi_square < 33.7  # 9 degrees of freedom, p = 0.0001


class TestMatches:
    def digest(self, challenge_id, code="012345"):
        return codes.make_digest(challenge_id=challenge_id, phone_e164=PHONE, code=code)

    def matches(self, challenge_id, code, digest, kid, phone=PHONE):
        return codes.matches(
            challenge_id=challenge_id,
            phone_e164=phone,
            code=code,
            code_digest=digest,
            kept_pepper_id=kid,
        )

    def test_only_the_same_code_phone_and_challenge(self):
        """S2, S8."""
        mine, other = uuid.uuid4(), uuid.uuid4()
        digest, kid = self.digest(mine)

        assert self.matches(mine, "012345", digest, kid)
        assert not self.matches(mine, "12345", digest, kid)
        assert not self.matches(other, "012345", digest, kid)
        assert not self.matches(mine, "012345", digest, kid, phone="+919800000001")

    @pytest.mark.django_db
    def test_an_older_pepper_still_counts_and_a_retired_one_does_not(self, settings):
        settings.OTP_PEPPERS = ["old"]
        mine = uuid.uuid4()
        digest, kid = self.digest(mine)

        settings.OTP_PEPPERS = ["new", "old"]
        assert self.matches(mine, "012345", digest, kid)

        settings.OTP_PEPPERS = ["new"]
        assert not self.matches(mine, "012345", digest, kid)

    @pytest.mark.django_db
    def test_a_pepper_that_another_process_began_to_use_counts_at_once(self):
        mine = uuid.uuid4()
        for step in ("stage", "activate"):
            call_command("rotate_key", "otp_pepper", step)
        digest, kid = self.digest(mine)
        keys.assume_nothing_stored()  # a process that read the table just before

        assert self.matches(mine, "012345", digest, kid)
