"""Numbers in every spelling and none: what parse_phone makes of them (S11)."""

from __future__ import annotations

import re

import phonenumbers
from hypothesis import assume, given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberType

from api.fields import parse_phone

TEN_DIGITS = st.from_regex(r"[6-9][0-9]{9}", fullmatch=True)
PREFIXES = ("", "0", "91", "+91", "91 ", "+91 ", "+91-", "+91 (0)", "0 ")
LOOK_ALIKES = st.characters(categories=["Nd", "Nl", "No"], exclude_characters="0123456789")
NEARLY_A_NUMBER = st.text("+0123456789 ()-٣९\u00a0\n;ext=", max_size=30)


@given(st.one_of(st.text(), NEARLY_A_NUMBER))
def test_any_text_is_a_mobile_number_of_india_or_nothing(text):
    phone = parse_phone(text)

    assert phone is None or re.fullmatch(r"\+91[6-9][0-9]{9}", phone)


@given(st.one_of(TEN_DIGITS, NEARLY_A_NUMBER))
def test_what_was_parsed_is_its_own_spelling(text):
    phone = parse_phone(text)
    assume(phone is not None)

    assert parse_phone(phone) == phone


@given(TEN_DIGITS, st.sampled_from(PREFIXES), st.data())
def test_all_spellings_of_a_number_are_one_number(digits, prefix, data):
    phone = parse_phone("+91" + digits)
    assume(phone is not None)
    breaks = data.draw(st.sets(st.integers(1, 9), max_size=4))
    written = "".join(
        data.draw(st.sampled_from(" -")) + digit if place in breaks else digit
        for place, digit in enumerate(digits)
    )

    assert parse_phone(prefix + written) == parse_phone(f"  {prefix}{written} ") == phone


@given(TEN_DIGITS, st.integers(0, 9), LOOK_ALIKES)
def test_a_digit_that_only_looks_like_one_is_none(digits, place, look_alike):
    assert parse_phone(digits[:place] + look_alike + digits[place + 1 :]) is None


def test_mobile_numbers_of_other_countries_are_none():
    numbers = [
        phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
        for region in phonenumbers.SUPPORTED_REGIONS - {"IN"}
    ]
    written = [
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        for number in numbers
        if number
    ]

    assert len(written) > 200
    assert [number for number in written if parse_phone(number)] == []
