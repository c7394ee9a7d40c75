"""The one module that masks. Secrets and personal data have no other way out (S55)."""

from __future__ import annotations

import hashlib
import hmac
import json
import re

from django.conf import settings

from integrations.errors import GatewayMisconfigured

MAX_MASKED_LENGTH = 255  # of the columns that hold masks

# Where a word begins: also behind an escape, whose last letter must not hide what follows it.
_START = r"(?:\b|(?<=\\[bfnrtv])|(?<=%[0-9a-fA-F]{2}))"
# What must stand in the text, in lower case, for the pattern to find anything: every log line comes
# through here, and most hold none of these.
_RULES: tuple[tuple[tuple[str, ...], re.Pattern[str], str], ...] = (
    (("sig=",), re.compile(rf"(?i)({_START}sig=)[^&\s\"'\\]+"), r"\1[redacted]"),
    (("accountkey=",), re.compile(r"(?i)(AccountKey=)[^;\s\"'\\]+"), r"\1[redacted]"),
    (
        ("bearer", "token", "basic"),
        re.compile(rf"(?i){_START}(Bearer|Token|Basic)(\s+)[\w.\-~+/=]{{8,}}"),
        r"\1\2[redacted]",
    ),
    (("sg.",), re.compile(rf"{_START}SG\.[\w\-.]{{6,}}"), "SG.[redacted]"),
    (("authkey",), re.compile(r"(?i)(authkey\W{1,6})[\w\-]{6,}"), r"\1[redacted]"),
    (
        ("password",),
        re.compile(r"(?i)(password[^\w\s/][^\w/]{0,5})[^\s\"',;&}]{6,}"),
        r"\1[redacted]",
    ),
    # A code stands next to its name: "otp": "123456", code=123456, (OTP) is 123456, and the same
    # in a form.
    (
        ("otp", "code"),
        re.compile(
            rf"(?i){_START}(t?otp|code)(?![0-9a-z_])"
            r"((?:%[0-9a-f]{2}|\\[bfnrtv]|[^0-9a-z]){0,6}(?:is)?"
            r"(?:%[0-9a-f]{2}|\\[bfnrtv]|[^0-9a-z]){0,6})\d{6}(?!\d)"
        ),
        r"\1\2******",
    ),
    # The address of a chat's webhook is its key.
    (
        ("/services/", "/webhookb2/", "/workflows/", "/triggers/"),
        re.compile(r"(?i)(/(?:services|webhookb2|workflows|triggers)/)[^\s\"']+"),
        r"\1[redacted]",
    ),
    (
        ("/auth/password/reset/",),
        re.compile(r"(?i)(/auth/password/reset/[\w\-]+/)[\w\-]+"),
        r"\1[redacted]",
    ),
    (
        ("/webhooks/msg91/",),
        re.compile(r"(?i)(/webhooks/msg91/)[^\s\"'?<]+"),
        r"\1[redacted]",
    ),
)
_EMAIL = re.compile(r"([A-Za-z0-9])[A-Za-z0-9._%+\-]*(@|%40)([A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+)")
# With a plus any number; without one only what looks Indian, so that ids and times stay readable.
_PHONE = re.compile(
    r"(\+|%2B)\d{4,11}(\d{4})(?!\d)|"
    rf"{_START}(?<![.\-])(?:91|0)?[6-9]\d{{5}}(\d{{4}})(?![\w\-])"
)


def scrub(text: str) -> str:
    """Return the text without keys, codes, signatures, full phones and addresses."""
    low = text.lower()
    for needles, pattern, replacement in _RULES:
        if any(needle in low for needle in needles):
            text = pattern.sub(replacement, text)
    if "@" in text or "%40" in text:
        text = _EMAIL.sub(r"\1***\2\3", text)
    return _PHONE.sub(lambda match: "******" + (match[2] or match[3]), text)


def mask_phone(phone_e164: str) -> str:
    """``"+919876543210"`` → ``"+91******3210"``."""
    return phone_e164[:3] + "*" * max(len(phone_e164) - 7, 0) + phone_e164[-4:]


def mask_email(address: str) -> str:
    """``"asha@solarium.example"`` → ``"a***@solarium.example"``."""
    local, _, domain = address.partition("@")
    return f"{local[:1]}***@{domain}"


def mask_recipient(recipient: str) -> str:
    """Mask a phone or an address for a column; a blob's name holds no personal data and stays."""
    masked = recipient
    if recipient.startswith("+"):
        masked = mask_phone(recipient)
    elif "@" in recipient:
        masked = mask_email(recipient)
    # The mask of an address may be three characters longer than the address.
    return masked[:MAX_MASKED_LENGTH]


def fingerprint(value: str) -> str:
    """Keyed, stable stand-in for a phone or address, so that rows can be found by it.

    Raises:
        GatewayMisconfigured: ``FINGERPRINT_KEY`` is not set.
    """
    return hmac.digest(_key(), value.strip().lower().encode(), "sha256").hex()


def keyed_digest(purpose: str, *parts: str) -> str:
    """Keyed, stable stand-in for a text that is only ever compared, letter by letter.

    Args:
        purpose: Digests of one purpose say nothing about another's.
    """
    text = json.dumps([purpose, *parts])
    return hmac.new(_key(), text.encode(), hashlib.sha256).hexdigest()


def _key() -> bytes:
    key = getattr(settings, "FINGERPRINT_KEY", "")
    if not key:
        raise GatewayMisconfigured("FINGERPRINT_KEY is not set.")
    return str(key).encode()


def key_fingerprint(key: str) -> str:
    """The only form in which a provider key is ever shown."""
    return hashlib.sha256(key.encode()).hexdigest()[:12] if key else ""
