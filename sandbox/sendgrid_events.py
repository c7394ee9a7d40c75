"""SendGrid's event webhook, as it posts and signs it: the events of one mail in one batch."""

from __future__ import annotations

import json
import secrets
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

# As invented as the other keys: made from a sentence, so that no key stands anywhere.
_KEY: Final = ec.derive_private_key(
    int.from_bytes(b"invented for the sandbox alone", "big"), ec.SECP256R1()
)
PUBLIC_KEY: Final = b64encode(
    _KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
).decode()
# Spelled here, too, and not taken from the library that the backend reads them by.
SIGNATURE: Final = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP: Final = "X-Twilio-Email-Event-Webhook-Timestamp"


def batch(*, mail: Mapping[str, Any], message_id: str) -> bytes:
    """Return the body for a mail that was accepted: to each recipient processed and delivered.

    Args:
        message_id: The ``X-Message-Id`` of the answer.
    """
    events = [
        event
        for number, person in enumerate(mail["personalizations"])
        for recipient in person["to"]
        for event in _events(mail, person, recipient["email"], f"{message_id}.recvd-{number}")
    ]
    return json.dumps(events).encode() + b"\r\n"  # the line's end is signed, too


def _events(
    mail: Mapping[str, Any], person: Mapping[str, Any], address: str, message_id: str
) -> Iterator[dict[str, Any]]:
    ours = person.get("custom_args")
    for name, more in (("processed", {}), ("delivered", {"response": "250 OK"})):
        yield {
            **(ours if isinstance(ours, dict) else {}),
            "email": address,
            "timestamp": int(time.time()),
            "smtp-id": f"<{message_id}@sandbox>",
            "event": name,
            "category": mail.get("categories", []),
            "sg_event_id": secrets.token_urlsafe(16),
            "sg_message_id": message_id,
            **more,
        }


def headers(body: bytes) -> dict[str, str]:
    """Return what proves a body that is posted now."""
    timestamp = str(int(time.time()))
    signature = _KEY.sign(timestamp.encode() + body, ec.ECDSA(SHA256()))
    return {
        "Content-Type": "application/json",
        SIGNATURE: b64encode(signature).decode(),
        TIMESTAMP: timestamp,
    }
