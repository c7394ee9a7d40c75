"""What a refusal says of the fields that it is about."""

from __future__ import annotations


def test_fields_that_are_named_like_the_parts_of_an_error_are_fields(api_client):
    answer = api_client.post("/integrations/sendOTP", {"message": "m", "code": "c"})

    errors = answer.json()["errors"]
    assert [(each["field"], each["code"]) for each in errors] == [
        ("code", "unknown_field"),
        ("message", "unknown_field"),
    ]
