"""Twilio: ``POST /2010-04-01/Accounts/{sid}/Messages.json``, the second route for codes.

Read 2026-11-24 in twilio.com/docs (message resource, error dictionary, API keys). 201 with a
``sid`` means accepted, not delivered. Errors are JSON with a number in ``code``; Twilio warns that
numbers change, so what is not known here is a plain no. Phone and text travel in the form, so that
they stand in no URL and no exception.
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any, ClassVar

from integrations import defaults, transport
from integrations.clients.protocols import PROVE_KEY, SEND_OTP
from integrations.errors import (
    GatewayAuthFailed,
    GatewayMisconfigured,
    GatewayProtocolError,
    GatewayRejected,
    GatewayThrottled,
    RecipientRejected,
)
from integrations.messages import OutgoingCode
from integrations.results import Proof, SMSReceipt

FORMS = {
    "TWILIO_ACCOUNT_SID": re.compile(r"AC[0-9a-f]{32}"),
    "TWILIO_API_KEY_SID": re.compile(r"(?:SK[0-9a-f]{32})?"),
    "TWILIO_AUTH_TOKEN": re.compile(r"[!-~]+"),
    # A number, a Messaging Service, or a header of at most 11 letters and digits.
    "TWILIO_FROM": re.compile(r"\+[1-9]\d{6,14}|MG[0-9a-f]{32}|[A-Za-z0-9 ]{1,11}", re.ASCII),
}

# No number; no mobile number; a landline; the person sent STOP.
RECIPIENT_CODES = frozenset({"21211", "21217", "21614", "21635", "21610"})
AUTH_CODES = frozenset({"20003", "20403", "20005"})
NO_RECIPIENT_CODE = "21604"  # the key was taken, and there was nobody to send to
FAILED_STATES = ("failed", "undelivered", "canceled")


@dataclass(frozen=True, kw_only=True)
class TwilioClient:
    """One attempt at a time; ``calls`` does the rest. ``keys``: the environment's.

    ``api_key_sid``: whose secret the key is; empty where it is the account's own token.
    ``sender``: a registered header, a number, or the id of a Messaging Service.
    """

    keys: tuple[str, ...] = field(repr=False, metadata={"setting": "TWILIO_AUTH_TOKEN"})
    account_sid: str
    api_key_sid: str = ""
    sender: str
    base_url: str = field(default=defaults.TWILIO_BASE_URL, metadata={"setting": "TWILIO_BASE_URL"})

    provider: ClassVar[str] = "twilio"

    def __post_init__(self) -> None:
        values = {
            "TWILIO_ACCOUNT_SID": self.account_sid,
            "TWILIO_API_KEY_SID": self.api_key_sid,
            "TWILIO_AUTH_TOKEN": self.keys[0] if self.keys else "",
            "TWILIO_FROM": self.sender,
        }
        for name, value in values.items():
            if not FORMS[name].fullmatch(value):
                raise GatewayMisconfigured(f"{name} is not set or is something else.")

    def send_otp(self, *, key: str, code: OutgoingCode) -> SMSReceipt:
        """Hand one code over, once.

        Raises:
            AttemptFailed: Timeout, connection error or 5xx.
            GatewayError: Twilio's no, or an answer that is not Twilio's.
        """
        by_service = self.sender.startswith("MG")
        answer = self._post(
            key,
            {
                "To": code.to,
                "MessagingServiceSid" if by_service else "From": self.sender,
                "Body": code.text,
            },
        )
        body = answer.json_object()
        if answer.status == 201 and body is not None and body.get("sid"):
            if body.get("status") in FAILED_STATES:
                raise GatewayRejected(
                    provider=self.provider,
                    operation=SEND_OTP,
                    provider_code=_code(body.get("error_code")),
                )
            return SMSReceipt(
                provider=self.provider, provider_message_id=transport.message_id(body["sid"])
            )
        code_of_error = self._refuse(answer, body, SEND_OTP)
        kind = RecipientRejected if code_of_error in RECIPIENT_CODES else GatewayRejected
        raise kind(provider=self.provider, operation=SEND_OTP, provider_code=code_of_error)

    def prove(self, *, key: str) -> Proof:
        """Ask whether Twilio takes a key, by a message to nobody.

        Reading the account would need a key that may do everything.

        Raises:
            AttemptFailed: Timeout, connection error or 5xx.
            GatewayError: The key is refused, or the answer is not Twilio's.
        """
        answer = self._post(key, {"Body": "-"})
        code = self._refuse(answer, answer.json_object(), PROVE_KEY)
        if code == NO_RECIPIENT_CODE:
            return Proof()
        return Proof(warnings=(f"Twilio knows the key but answered {code}.",))

    def _post(self, key: str, fields: dict[str, str]) -> transport.Answer:
        user = self.api_key_sid or self.account_sid
        credentials = b64encode(f"{user}:{key}".encode()).decode()
        return transport.post_form(
            url=f"{self.base_url}/2010-04-01/Accounts/{self.account_sid}/Messages.json",
            headers={"Authorization": f"Basic {credentials}"},
            fields=fields,
        )

    def _refuse(self, answer: transport.Answer, body: dict[str, Any] | None, operation: str) -> str:
        """Return the code of Twilio's no; raise what is none, and what concerns our key."""
        about: dict[str, Any] = {"provider": self.provider, "operation": operation}
        code = _code((body or {}).get("code"))
        if answer.status == 429:
            raise GatewayThrottled(
                **about,
                provider_code=code or "429",
                retry_after_seconds=transport.retry_after_seconds(answer),
            )
        if body is None or answer.status < 400:
            raise GatewayProtocolError(**about, provider_code=f"http_{answer.status}")
        if answer.status in (401, 403) or code in AUTH_CODES:
            raise GatewayAuthFailed(**about, provider_code=code or str(answer.status))
        return code or str(answer.status)


def _code(value: object) -> str:
    """Return an error's number; nothing where it is none: it stands in our tables."""
    return str(value) if type(value) is int and 0 < value < 100_000 else ""
