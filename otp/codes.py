"""Making and checking codes: six digits, kept only as a digest under a pepper (S1, S2, S5)."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from uuid import UUID

from integrations import gateways, redact

CODE_DIGITS = 6
DEMO = "demo"  # in the place of a pepper's name: the code is a demo number's fixed one


def make_code() -> str:
    """Return six digits; every one of the million values is possible, leading zeros kept."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


def pepper_id(pepper: str) -> str:
    """Return the name under which a digest remembers its pepper."""
    return hashlib.sha256(f"pepper|{pepper}".encode()).hexdigest()[:12]


def make_digest(*, challenge_id: UUID, phone_e164: str, code: str) -> tuple[str, str]:
    """Return digest and pepper id of a code, under the newest pepper."""
    pepper = gateways.peppers()[0]
    return _digest(pepper, challenge_id, phone_e164, code), pepper_id(pepper)


def demo_digest(*, phone_e164: str, code: str) -> str:
    """Return the digest of a demo number's code; no pepper that is rotated stands in it."""
    return redact.keyed_digest("demo code", phone_e164, code)


def matches(
    *, challenge_id: UUID, phone_e164: str, code: str, code_digest: str, kept_pepper_id: str
) -> bool:
    """Whether the code is the challenge's, in constant time.

    A digest whose pepper was retired matches nothing.
    """
    if kept_pepper_id == DEMO:
        return hmac.compare_digest(demo_digest(phone_e164=phone_e164, code=code), code_digest)
    pepper = _find_pepper(kept_pepper_id, gateways.peppers())
    if kept_pepper_id and not pepper:
        # Another process may have begun to use a new one a moment ago.
        pepper = _find_pepper(kept_pepper_id, gateways.peppers(reread=True))
    digest = _digest(pepper or "none", challenge_id, phone_e164, code)
    return hmac.compare_digest(digest, code_digest) and bool(pepper)


def _find_pepper(kept_pepper_id: str, peppers: list[str]) -> str:
    return next((pepper for pepper in peppers if pepper_id(pepper) == kept_pepper_id), "")


def _digest(pepper: str, challenge_id: UUID, phone_e164: str, code: str) -> str:
    text = f"{challenge_id}|{phone_e164}|{code}"
    return hmac.new(pepper.encode(), text.encode(), hashlib.sha256).hexdigest()
