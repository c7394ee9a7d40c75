"""Fresh codes in the peers' own tables, as their own sends would leave them.

Each code is for another phone, and where the peer knows accounts the phone's is there already, as
it is for ours: most logins are not first ones.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from datetime import UTC, datetime, timedelta

from harness.databases import Database

CODE = "271828"
FIRST_PHONE = 918000000000  # below every number that load uses
_phones = iter(range(FIRST_PHONE, 919000000000))


def floor(database: Database, count: int) -> list[str]:
    """Return bodies for the bare view."""
    now, digest = datetime.now(UTC), hashlib.sha256(CODE.encode()).hexdigest()
    made = [(str(uuid.uuid4()), phone) for phone in _take_phones(count)]
    rest = {
        "app": "CUSTAP",
        "code_digest": digest,
        "pepper_id": "0" * 12,
        "state": "accepted",
        "counts": True,
        "attempts": 0,
        "client_address": "127.0.0.1",
        "created_at": now,
        "accepted_at": now,
        "expires_at": now + timedelta(hours=1),
    }
    database.copy(
        "bare_challenge",
        ["id", "phone_e164", *rest],
        ((challenge, phone, *rest.values()) for challenge, phone in made),
    )
    return [json.dumps({"challengeId": challenge, "otp": CODE}) for challenge, _ in made]


def better_auth(database: Database, count: int) -> list[str]:
    """Return bodies for better-auth's ``verify``."""
    now, phones = datetime.now(UTC), _take_phones(count)
    database.copy(
        "user",
        [
            *("id", "name", "email", "emailVerified", "createdAt", "updatedAt"),
            *("phoneNumber", "phoneNumberVerified"),
        ],
        (
            (uuid.uuid4().hex, phone, f"{phone[1:]}@phone.example", False, now, now, phone, True)
            for phone in phones
        ),
    )
    database.copy(
        "verification",
        ["id", "identifier", "value", "expiresAt", "createdAt", "updatedAt"],
        (
            (
                uuid.uuid4().hex,
                f"phone-number-otp-{phone}",
                f"{CODE}:0",
                now + timedelta(hours=1),
                now,
                now,
            )
            for phone in phones
        ),
    )
    return [json.dumps({"phoneNumber": phone, "code": CODE}) for phone in phones]


def phone_verify(database: Database, count: int) -> list[str]:
    """Return bodies for django-phone-verify's ``verify``.

    Its table is emptied first: it has no index that begins with the phone, so rows that other runs
    left would slow it down.
    """
    database.execute("TRUNCATE sms_verification")
    now = datetime.now(UTC)
    made = [(phone, _session_token(phone)) for phone in _take_phones(count)]
    database.copy(
        "sms_verification",
        [
            *("id", "created_at", "modified_at", "security_code", "phone_number"),
            *("session_token", "is_verified", "failed_attempts"),
        ],
        ((str(uuid.uuid4()), now, now, CODE, phone, token, False, 0) for phone, token in made),
    )
    return [
        json.dumps({"phone_number": phone, "session_token": token, "security_code": CODE})
        for phone, token in made
    ]


def _session_token(phone: str) -> str:
    """Return something as long as its JWT; it compares it with the row only."""
    digest = hmac.new(b"benchmark", phone.encode(), hashlib.sha512).digest()
    return "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." + base64.urlsafe_b64encode(digest * 2).decode()


def _take_phones(count: int) -> list[str]:
    return [f"+{next(_phones)}" for _ in range(count)]
