"""What the operations of sessions and mails are for, with examples, for the OpenAPI description."""

from __future__ import annotations

from typing import Final

from accounts.mails import PASSWORD_RESET, UNABLE
from api.openapi_examples import NOW, TOKEN, answered, asked, explain, located, page_of, queried
from api.openapi_problems import (
    IDEMPOTENCY_PROBLEMS,
    PERMISSION_DENIED,
    DescribedProblem,
    invalid_field,
)

SESSION_ID: Final = "c1f0a4de-64a8-4a53-9b0f-0c1f4d7f5b22"
STAFF: Final = {
    "id": "2f6d1c9b-7a11-4b0f-9a0e-5b0f6f0e6a0a",
    "role": "KAM",
    "name": "Kavya Iyer",
    "phone": None,
    "email": "kam@solarium.example",
}

LOGIN = explain(
    """
    The login of WEBPRT: ADMIN and KAM, by email and password. The token lives for 12 hours.

    Where the account has a second factor, the right password alone is answered with
    `second_factor_required`: ask for the six digits and send the same request again with `totp`.
    """,
    asked(
        "Email and password",
        {"email": "kam@solarium.example", "password": "correct horse battery staple"},
    ),
    asked(
        "With the second factor",
        {
            "email": "kam@solarium.example",
            "password": "correct horse battery staple",
            "totp": "287 082",
        },
    ),
    answered("Logged in", {"token": TOKEN, "expiresAt": "2026-11-24T22:00:00.000Z", "user": STAFF}),
)
ME = explain(
    """
    Whose token this is. Ask when the front end starts: 401 means that the session is over, and
    that the person has to log in again.
    """,
    answered("A key account manager", {"user": STAFF}),
)
LOGOUT = explain(
    """
    Ends the session of this token. Forget the token whatever the answer is; CPAPP and CUSTAP keep
    the install proof.
    """,
    answered("Ended"),
)
LOGOUT_ALL = explain(
    """
    Ends every session of the caller, this one too: for "log out everywhere", after a phone or a
    laptop was lost.
    """,
    answered("Ended"),
)
SESSIONS = explain(
    """
    Where the caller is logged in, newest first, 50 a page; `current` is the session that asks.
    """,
    *queried("The first page", page="1"),
    answered(
        "One session",
        page_of(
            "sessions",
            {
                "id": SESSION_ID,
                "app": "WEBPRT",
                "createdAt": NOW,
                "expiresAt": "2026-11-24T22:00:00.000Z",
                "current": True,
            },
        ),
    ),
)
END_SESSION = explain(
    "Ends one of the caller's own sessions, by its `id` in the list.",
    *located("One of my sessions", session_id=SESSION_ID),
    answered("Ended"),
)
RESET_CONFIRM = explain(
    """
    Sets the password by a mailed link, which is `…/auth/password/reset/<uid>/<token>` or what
    `PASSWORD_RESET_URL` makes of the two. Only for a page of your own: the backend has one.

    A link works once, for 30 minutes. All sessions of the account end, and a notice goes to its
    address.
    """,
    asked(
        "A new password",
        {
            "uid": "MmY2ZDFjOWItN2ExMS00YjBmLTlhMGUtNWIwZjZmMGU2YTBh",
            "token": "cz7k1x-0123456789abcdef",
            "newPassword": "a long one of my own",
        },
    ),
    answered("Set"),
)
SEND_EMAIL = explain(
    """
    Two things in one, told apart by `template`:

    - `password_reset` is for anybody, without a token: "forgot password" in WEBPRT. The answer is
      the same whether or not there is such an account. Never say more than "if there is an
      account, a mail is on its way".
    - All other templates are for ADMIN and KAM, with their token: `listEmailTemplates` tells which
      there are and which `context` each needs. The answer then holds a `messageId`.

    200 means that the provider took the mail, not that it arrived. A provider that hangs takes up
    to 19 s: wait for 25 s before you give up.
    """,
    asked("A reset link, by anybody", {"template": PASSWORD_RESET, "to": "kam@solarium.example"}),
    asked(
        "A notice, by staff",
        {
            "template": "system_notice",
            "to": "asha@solarium.example",
            "context": {"title": "Maintenance", "message": "Tonight from 22:00 to 23:00."},
        },
    ),
    answered("A reset link"),
    answered("A mail of staff's", {"messageId": "14c5d75ce93.dfd.64b469"}),
)
TEMPLATES = explain(
    "The mails that the caller may send by `POST /integrations/sendEmail`, and what each needs.",
    answered(
        "All of them",
        {
            "templates": [
                {"name": "system_notice", "placeholders": ["title", "message"]},
                {
                    "name": "quotation_ready",
                    "placeholders": ["customerName", "quotationNumber", "link"],
                },
                {
                    "name": "document_rejected",
                    "placeholders": ["customerName", "documentName", "reason"],
                },
            ]
        },
    ),
)

LOGIN_PROBLEMS: Final = (
    invalid_field("email", "invalid", "Enter a valid email address."),
    DescribedProblem(
        status=401, code="bad_credentials", detail="The email or the password is not right."
    ),
    DescribedProblem(
        status=401,
        code="second_factor_required",
        detail="Enter the code from your authenticator app.",
    ),
    DescribedProblem(
        status=429,
        code="login_locked",
        detail="Too many failed attempts. Please try again later.",
        retry_after=640,
    ),
)
RESET_PROBLEMS: Final = (
    invalid_field("newPassword", "password_too_short", "Use at least 12 characters."),
    DescribedProblem(
        status=400,
        code="reset_link_invalid",
        detail="This link does not work any more. Please ask for a new one.",
    ),
)
MAIL_PROBLEMS: Final = (
    invalid_field("template", "unknown_template", "There is no such template."),
    PERMISSION_DENIED,
    *IDEMPOTENCY_PROBLEMS,
    DescribedProblem(
        status=429,
        code="send_limit_reached",
        detail="Too many emails were asked for. Please try again later.",
        retry_after=1800,
    ),
    DescribedProblem(status=502, code="email_rejected", detail=UNABLE),
    DescribedProblem(status=503, code="email_unavailable", detail=UNABLE, retry_after=60),
)
