"""What the operations of a login by code are for, with examples, for the OpenAPI description."""

from __future__ import annotations

from typing import Final

from api.openapi_examples import NOW, TOKEN, answered, asked, explain, located
from api.openapi_problems import IDEMPOTENCY_PROBLEMS, DescribedProblem, invalid_field
from otp.admission import TRIED_TOO_OFTEN
from otp.services import SEND_FAILED

CHALLENGE_ID: Final = "5b0f6f0e-6a0a-4c1b-9a0e-2f3d1c9b7a11"
INSTALL_PROOF: Final = "eyJpIjoiM2YyYSJ9:1vNqVq:rXb1c5mXW8sV5tQfJvQ0mP3u9xk"

SEND = explain(
    """
    The first step of a login in CPAPP and CUSTAP. Call it when the person has typed the number,
    and again, with a new `Idempotency-Key`, when they ask for another code.

    The answer is the same whether or not there is an account. Show a countdown to `expiresAt`, and
    offer "send again" from `resendAt` on. 200 means that the provider took the message, not that
    it arrived: ask `GET /integrations/otp/{challengeId}` for that.

    A provider that hangs takes up to 19 s: wait for 25 s before you give up.
    """,
    asked("A code for the customer app", {"phone": "+919876543210", "app": "CUSTAP"}),
    asked("A number as people write it", {"phone": "098765 43210", "app": "CPAPP"}),
    answered(
        "Sent",
        {
            "challengeId": CHALLENGE_ID,
            "phone": "+91******3210",
            "expiresIn": 120,
            "expiresAt": "2026-11-24T10:02:00.000Z",
            "resendIn": 30,
            "resendAt": "2026-11-24T10:00:30.000Z",
        },
    ),
)
VERIFY = explain(
    """
    The second step: trades the code for a session token of 30 days. On CUSTAP a number without an
    account gets one.

    Keep `token` and `installProof` in the device's secure storage. A code works once, for 120 s,
    with the challenge that it was sent for; five tries.
    """,
    asked("The code of an SMS", {"challengeId": CHALLENGE_ID, "otp": "123456"}),
    answered(
        "Logged in",
        {
            "token": TOKEN,
            "expiresAt": "2026-12-24T10:00:41.000Z",
            "installProof": INSTALL_PROOF,
            "user": {
                "id": "8f1f3b8e-55b1-4f0f-8a55-0f6f6c1f2a10",
                "role": "CUSTOMER",
                "name": "",
                "phone": "+919876543210",
                "email": None,
            },
        },
    ),
)
STATE = explain(
    """
    How far a code got, for the ticks beside "we sent you a code": `accepted` by the provider,
    `delivered` to the phone, or `undelivered` with the operator's `reason`. Ask every 3 s while
    the person waits, and no longer than `expiresIn`. A code that is told undelivered may still
    arrive and work.
    """,
    *located("A code that was sent", challenge_id=CHALLENGE_ID),
    answered(
        "It arrived",
        {
            "state": "delivered",
            "expiresIn": 87,
            "resendIn": 0,
            "events": [
                {"state": "created", "at": NOW},
                {"state": "accepted", "at": "2026-11-24T10:00:00.412Z"},
                {"state": "delivered", "at": "2026-11-24T10:00:04.000Z"},
            ],
        },
    ),
)

SEND_PROBLEMS: Final = (
    invalid_field("phone", "invalid_phone", "Enter a valid mobile number."),
    DescribedProblem(
        status=400, code="phone_rejected", detail="This number cannot receive our SMS."
    ),
    *IDEMPOTENCY_PROBLEMS,
    DescribedProblem(
        status=429,
        code="resend_too_soon",
        detail="A code was just sent. Please wait before asking for another.",
        retry_after=30,
    ),
    DescribedProblem(
        status=429,
        code="send_limit_reached",
        detail="Too many codes were sent to this number. Please try again later.",
        retry_after=480,
    ),
    DescribedProblem(status=502, code="sms_rejected", detail=SEND_FAILED),
    DescribedProblem(status=503, code="sms_unavailable", detail=SEND_FAILED, retry_after=60),
)
VERIFY_PROBLEMS: Final = (
    invalid_field("otp", "invalid", "Enter the 6 digits of the code."),
    DescribedProblem(
        status=400,
        code="otp_incorrect",
        detail="This code is not correct.",
        members={"attemptsLeft": {"type": "integer", "minimum": 0, "example": 4}},
    ),
    DescribedProblem(
        status=403,
        code="account_not_allowed",
        detail="This number may not log in here. Please contact support.",
    ),
    DescribedProblem(
        status=410,
        code="otp_expired",
        detail="This code has expired. Please ask for a new one.",
    ),
    DescribedProblem(
        status=429,
        code="otp_attempts_exhausted",
        detail="Too many wrong codes. Please ask for a new one.",
        retry_after=79,
    ),
    DescribedProblem(
        status=429,
        code="phone_locked",
        detail="Too many wrong codes for this number. Please try again later.",
        retry_after=2520,
    ),
    DescribedProblem(
        status=429,
        code="verify_limit_reached",
        detail=TRIED_TOO_OFTEN,
        retry_after=240,
    ),
)
