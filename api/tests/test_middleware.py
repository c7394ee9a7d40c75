"""Which bodies are refused by their length alone."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from api.middleware import BodyLimitMiddleware


def answer(length):
    request = RequestFactory().post("/integrations/sendOTP")
    request.META["CONTENT_LENGTH"] = length
    return BodyLimitMiddleware(lambda request: "passed on")(request)


@pytest.mark.parametrize("length", ["", "0", "65536"])
def test_what_may_come_in_is_passed_on(length):
    assert answer(length) == "passed on"


@pytest.mark.parametrize("length", ["65537", "-1", "²", "٣", "1.0", "9" * 5000])
def test_a_length_that_is_too_large_or_none_is_413(length):
    assert answer(length).status_code == 413
