"""The OpenAPI description as a whole; what single operations are for stands in ``described``."""

from __future__ import annotations

from solarium.settings.django import PUBLIC_BASE_URL

_CONVENTIONS = """
The backend of CPAPP (channel partners), CUSTAP (customers) and WEBPRT (staff): codes by SMS, mail,
and documents by short-lived links to the storage. How the calls of a front end follow each other
stands in the front-end guide, `docs/front-end-guide.md`; a typed client in `client/`.

## Conventions

- JSON in and out, camelCase keys, moments in ISO 8601 UTC with `Z`, durations in whole seconds.
  Paths have no trailing slash.
- Every JSON answer carries `success` and `correlationId`; the same id is in the header
  `X-Request-ID`. Tell it to support: every log line of the request holds it.
- Log in by `verifyOTP` or `login`, and send `Authorization: Token <token>` from then on.
- Types are strict, unknown fields are refused, a POST without input takes no body.
- Checks come in this order: token (401), form (400), visibility (404), right (403), state (409,
  410), limit (429). What the caller may not see is 404, as if it were not there.
- Lists are paged: `page`, `pages`, `total`, newest first, empty past the end.
- Wait for 25 s before you give up: a provider that hangs is given up here after 19.

## Problems

Whatever is not 2xx is `application/problem+json` (RFC 9457). `code` is stable, for programs;
`detail` may be shown to a person as it is. 429 and 503 carry `Retry-After` in seconds. Beyond
those of each operation: an unknown path is 404 `not_found`, a wrong method 405
`method_not_allowed`, a host that is not ours 400 `bad_request`.

## Asking again

`Idempotency-Key` on `sendOTP` and `sendEmail` lets a lost answer be asked for again, and nothing is
sent twice. `confirmDocument` is safe to repeat as it is.

Providers report deliveries to paths of their own, which are not described here.
"""

SPECTACULAR_SETTINGS = {
    "TITLE": "Solarium integrations",
    "DESCRIPTION": _CONVENTIONS.strip(),
    "VERSION": "1.0.0",
    "CONTACT": {"name": "The ops team of Solarium"},
    "LICENSE": {"name": "All rights reserved"},
    "SERVERS": [{"url": PUBLIC_BASE_URL, "description": "This backend"}],
    "TAGS": [
        {"name": "OTP", "description": "Logging in to CPAPP and CUSTAP with a code by SMS."},
        {
            "name": "Sessions",
            "description": "Logging staff in to WEBPRT; everybody's sessions; the new password.",
        },
        {"name": "Email", "description": "Reset links for anybody, other mails by staff."},
        {
            "name": "Documents",
            "description": "Files that go straight to the storage and back, by links of 30 "
            "minutes; the cases that they belong to, and whose those are.",
        },
        {"name": "Operations", "description": "How the backend and its providers do."},
    ],
    "OAS_VERSION": "3.1.0",  # 3.0 has no word for an object that may be null
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "DISABLE_DOCSTRING_DESCRIPTIONS": True,  # docstrings are for us
    "POSTPROCESSING_HOOKS": [],  # its one names enums by field, and ours meet: "state", "kind"
    "APPEND_COMPONENTS": {
        "securitySchemes": {
            "metricsToken": {
                "type": "http",
                "scheme": "bearer",
                "description": "The server's own `METRICS_TOKEN`, for what reads its metrics.",
            }
        }
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}
