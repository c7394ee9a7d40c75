"""Codes: which texts are one, and that a digest proves its own and no other."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from rest_framework.exceptions import ValidationError

from otp import codes
from otp.views import CodeField

CODES = st.integers(0, 999_999).map("{:06d}".format)
PHONES = st.from_regex(r"\+91[6-9][0-9]{9}", fullmatch=True)
PROVED = st.tuples(st.uuids(), PHONES, CODES)
NEARLY_A_CODE = st.text("0123456789 ٣९²\n\u00a0+-.", min_size=1, max_size=8)
ANYTHING = st.one_of(
    st.text(), NEARLY_A_CODE, st.integers(), st.floats(), st.booleans(), st.none(), st.binary()
)


def matches(proved, digest, pepper):
    challenge_id, phone, code = proved
    return codes.matches(
        challenge_id=challenge_id,
        phone_e164=phone,
        code=code,
        code_digest=digest,
        kept_pepper_id=pepper,
    )


def digest_of(proved):
    challenge_id, phone, code = proved
    return codes.make_digest(challenge_id=challenge_id, phone_e164=phone, code=code)


@given(CODES)
def test_every_code_of_six_digits_may_be_tried(code):
    assert CodeField(trim_whitespace=False).run_validation(code) == code


@given(ANYTHING)
def test_nothing_else_may(value):
    assume(not (isinstance(value, str) and re.fullmatch("[0-9]{6}", value)))

    with pytest.raises(ValidationError):
        CodeField(trim_whitespace=False).run_validation(value)


@pytest.mark.django_db
@given(PROVED)
def test_a_digest_proves_its_own_code(proved):
    assert matches(proved, *digest_of(proved))


@pytest.mark.django_db
@given(PROVED, PROVED)
def test_a_digest_proves_no_other_challenge_phone_or_code(one, other):
    kept = digest_of(one)
    for place in range(3):
        assume(one[place] != other[place])
        mixed = (*one[:place], other[place], *one[place + 1 :])

        assert not matches(mixed, *kept)
