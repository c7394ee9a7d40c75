"""What the operations of a login by code are for, with examples, for the OpenAPI description."""

from __future__ import annotations

from typing import Final

from api.openapi_examples import NOW, TOKEN, answered, asked, explain, located
from api.openapi_problems import (
    IDEMPOTENCY_PROBLEMS,
    DescribedProblem,
    describe_problem,
    invalid_field,
)
from otp import refusing

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
    describe_problem(refusing.phone_rejected()),
    *IDEMPOTENCY_PROBLEMS,
    describe_problem(refusing.sent_just_now(30).problem()),
    describe_problem(refusing.sent_too_often(480).problem()),
    DescribedProblem(status=502, code="sms_rejected", detail=refusing.SEND_FAILED),
    DescribedProblem(
        status=503, code="sms_unavailable", detail=refusing.SEND_FAILED, retry_after=60
    ),
)
VERIFY_PROBLEMS: Final = (
    invalid_field("otp", "invalid", "Enter the 6 digits of the code."),
    describe_problem(
        refusing.incorrect(attempts_left=4),
        schemas={"attemptsLeft": {"type": "integer", "minimum": 0}},
    ),
    describe_problem(refusing.account_not_allowed()),
    describe_problem(refusing.expired()),
    describe_problem(refusing.tries_used_up(79).problem()),
    describe_problem(refusing.phone_locked(2520).problem()),
    describe_problem(refusing.tried_too_often(240).problem()),
)
