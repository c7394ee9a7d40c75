"""System checks of what delivery reports are proved by."""

from __future__ import annotations

import re
from base64 import b64decode
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key
from django.core.checks import CheckMessage, Error, Warning, register

from integrations import conf
from integrations.checks import HINT

TOKEN = re.compile(r"[A-Za-z0-9_\-.~]+")
TOKEN_LENGTH = 32


@register("integrations")
def check_reports(**kwargs: Any) -> list[CheckMessage]:
    """E032: a token that stands in no URL; W030: one that could be guessed; E031: no key."""
    problems: list[CheckMessage] = []
    tokens = conf.msg91_webhook_tokens()
    if not all(TOKEN.fullmatch(token) for token in tokens):
        problems.append(
            Error(
                "MSG91_WEBHOOK_TOKEN must be letters, digits and -_.~ only.",
                hint=HINT,
                id="integrations.E032",
            )
        )
    if any(len(token) < TOKEN_LENGTH for token in tokens):
        problems.append(
            Warning(
                f"MSG91_WEBHOOK_TOKEN is shorter than {TOKEN_LENGTH}: it could be guessed.",
                hint=HINT,
                id="integrations.W030",
            )
        )
    public_key = conf.sendgrid_webhook_key()
    if public_key and not _is_p256_key(public_key):
        problems.append(
            Error(
                "SENDGRID_WEBHOOK_PUBLIC_KEY must be the base64 of a P-256 public key, as SendGrid "
                "shows it.",
                hint=HINT,
                id="integrations.E031",
            )
        )
    return problems


def _is_p256_key(value: str) -> bool:
    try:
        key = load_der_public_key(b64decode(value, validate=True))
    except (ValueError, UnsupportedAlgorithm):
        return False
    return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
