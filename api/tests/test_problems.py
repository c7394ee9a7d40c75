"""What a refusal says of the fields that it is about."""

from __future__ import annotations

import io


def test_fields_that_are_named_like_the_parts_of_an_error_are_fields(api_client):
    answer = api_client.post("/integrations/sendOTP", {"message": "m", "code": "c"})

    errors = answer.json()["errors"]
    assert [(each["field"], each["code"]) for each in errors] == [
        ("code", "unknown_field"),
        ("message", "unknown_field"),
    ]


class HungUp(io.RawIOBase):
    """The body of a caller who went away while sending it."""

    def read(self, size=-1):
        raise OSError("connection reset")


def test_a_caller_who_hangs_up_is_no_fault_of_ours(api_client, caplog):
    answer = api_client.generic(
        "POST",
        "/integrations/sendOTP",
        content_type="application/json",
        CONTENT_LENGTH="64",
        **{"wsgi.input": HungUp()},
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")
    assert "unhandled exception" not in caplog.text
