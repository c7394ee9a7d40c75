"""Which route a code takes: the first SMS provider, and the second where the first had nothing.

A code that may have been accepted is never handed to another provider: the person would get two,
and we would pay twice (ADR 0016).
"""

from __future__ import annotations

import logging

from integrations import calls, conf, keys
from integrations.clients.protocols import SEND_OTP, SMSClient
from integrations.errors import GatewayError, GatewayUnavailable, RecipientRejected
from integrations.messages import OutgoingCode
from integrations.results import SMSReceipt

logger = logging.getLogger(__name__)

FIRST, SECOND = "sms", "sms_fallback"


def send(code: OutgoingCode) -> SMSReceipt:
    """Hand one code over; by the second route where one is set and nothing left by the first.

    Raises:
        RecipientRejected: Whichever provider was asked refuses this phone.
        GatewayUnavailable: Not accepted for sure; see ``maybe_accepted``.
        GatewayRejected: The first provider refuses the message; a human must look.
    """
    try:
        return _send(FIRST, code, retry=True)
    except GatewayUnavailable as first:
        if not (first.nothing_sent and code.text and conf.has_channel(SECOND)):
            raise
        logger.warning("a code takes the second route", extra={"reference": code.reference})
        try:
            # Tried once: the person has waited for the first already.
            return _send(SECOND, code, retry=False)
        except RecipientRejected:
            raise
        except GatewayError as second:
            # What to tell the person is the first one's: when to come back, and ops' text.
            first.maybe_accepted = second.maybe_accepted
            raise first from second


def _send(channel: str, code: OutgoingCode, *, retry: bool) -> SMSReceipt:
    client: SMSClient = conf.client(channel)
    return calls.perform(
        provider=client.provider,
        operation=SEND_OTP,
        recipient=code.to,
        reference=code.reference,
        keys=keys.usable(client),
        attempt=lambda key: client.send_otp(key=key, code=code),
        retry=retry,
    )
