"""MSG91: ``POST /api/v5/otp`` (default) or ``/api/v5/flow``.

Read 2026-11-24 in docs.msg91.com and field reports. HTTP 200 says nothing: the verdict is
``type`` in the body, and ``"success"`` means queued, not delivered. The key goes into the header
``authkey`` (ADR 0002). Phone and code travel in the JSON body, so that they stand in no URL and no
exception (ADR 0003). Not used: MSG91's own OTP checking and its retries.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, NoReturn

from integrations import defaults, transport
from integrations.clients import msg91_templates
from integrations.correlation import correlation_id
from integrations.errors import (
    DuplicateRequest,
    GatewayAuthFailed,
    GatewayMisconfigured,
    GatewayProtocolError,
    GatewayRejected,
    GatewayThrottled,
    RecipientRejected,
)
from integrations.messages import OutgoingCode
from integrations.results import Proof, SMSReceipt

OPERATION = "send_otp"
PROOF = "prove_key"

# Lower-case parts of MSG91's messages; the first match decides, codes come second.
AUTH_WORDS = (
    "auth key",
    "authkey",
    "authenticationfailure",
    "unauthorized",
    "whitelist",
    "blacklist",
)
AUTH_CODES = frozenset({"106", "201", "207", "208", "401", "418"})
RECIPIENT_WORDS = ("atleast one number", "not numeric", "mobile no. empty", "invalid mobile")
RECIPIENT_CODES = frozenset({"101", "202"})
DUPLICATE_CODE = "311"
ADDRESS_CODE = "418"  # the key is known, our IP address may not use it


@dataclass(frozen=True, kw_only=True)
class MSG91Client:
    """One attempt at a time; ``calls`` does the rest. ``keys``: the environment's.

    ``otp_template_ids``: by app, for those that have a text of their own; ``otp_text_paths``: by
    app, what the texts should be.
    """

    keys: tuple[str, ...] = field(repr=False, metadata={"setting": "MSG91_AUTH_KEY"})
    otp_template_id: str = field(metadata={"setting": "MSG91_OTP_TEMPLATE_ID"})
    base_url: str = field(default=defaults.MSG91_BASE_URL, metadata={"setting": "MSG91_BASE_URL"})
    api: str = defaults.MSG91_API
    flow_variable: str = defaults.MSG91_FLOW_VARIABLE
    otp_template_ids: Mapping[str, str] = field(default_factory=dict)
    otp_text_paths: Mapping[str, Path] = field(default_factory=dict)

    provider: ClassVar[str] = "msg91"

    def __post_init__(self) -> None:
        if self.api not in ("otp", "flow"):
            raise GatewayMisconfigured('MSG91_API must be "otp" or "flow".')

    def send_otp(self, *, key: str, code: OutgoingCode) -> SMSReceipt:
        """Hand one code over, once.

        Raises:
            AttemptFailed: Timeout, connection error or 5xx.
            GatewayError: MSG91's no, or an answer that is not MSG91's.
        """
        mobile = code.to.removeprefix("+")
        template_id = self._template_id(code.app)
        payload: dict[str, Any]
        if self.api == "flow":
            payload = {
                "template_id": template_id,
                "short_url": "0",
                "realTimeResponse": "1",
                "recipients": [
                    {"mobiles": mobile, self.flow_variable: code.code, "CRQID": correlation_id()}
                ],
            }
        else:
            payload = {"template_id": template_id, "mobile": mobile, "otp": code.code}
        answer = transport.post_json(
            url=f"{self.base_url}/api/v5/{self.api}", headers={"authkey": key}, payload=payload
        )
        return self._verdict(answer)

    def prove(self, *, key: str) -> Proof:
        """Ask whether MSG91 takes a key, without sending anything.

        ``getTemplateVersions`` knows templates of SMS flows only; where it says nothing about the
        key, checking an OTP of a number that nobody has does.

        Raises:
            AttemptFailed: Timeout, connection error or 5xx.
            GatewayError: The key or our address is refused (``provider_code`` 418), or the answer
                is not MSG91's.
        """
        headers = {"authkey": key}
        warnings: list[str] = []
        all_known = True
        for setting, template_id in self._templates().items():
            answer = transport.post_json(
                url=f"{self.base_url}/api/v5/sms/getTemplateVersions",
                headers=headers,
                payload={"template_id": template_id},
            )
            body = answer.json_object() or {}
            found = body.get("status") == "success" and not body.get("hasError")
            if answer.status == 200 and found:
                warnings += msg91_templates.find_warnings(
                    setting=setting, versions=body.get("data"), texts=self._texts(template_id)
                )
            else:
                self._refuse_key(answer, body)
                all_known = False
        if all_known:
            return Proof(warnings=tuple(warnings))
        answer = transport.get(
            url=f"{self.base_url}/api/v5/otp/verify?otp=0000&mobile=910000000000", headers=headers
        )
        known = answer.json_object()
        self._refuse_key(answer, known or {})
        if known is None or "type" not in known or answer.status >= 300:
            raise self._not_theirs(answer, PROOF)
        return Proof(warnings=tuple(warnings))

    def _template_id(self, app: str) -> str:
        return self.otp_template_ids.get(app) or self.otp_template_id

    def _texts(self, template_id: str) -> list[str]:
        """Return our texts of the apps that use a template."""
        apps = [app for app in self.otp_text_paths if self._template_id(app) == template_id]
        return [self.otp_text_paths[app].read_text(encoding="utf-8") for app in apps]

    def _templates(self) -> dict[str, str]:
        """Return the template ids by the setting that names them."""
        own = {f"MSG91_OTP_TEMPLATE_ID_{app}": one for app, one in self.otp_template_ids.items()}
        return {"MSG91_OTP_TEMPLATE_ID": self.otp_template_id} | {k: v for k, v in own.items() if v}

    def _refuse_key(self, answer: transport.Answer, body: dict[str, Any]) -> None:
        """Raise where an answer says that the key is refused, or that we ask too much."""
        if answer.status == 429:
            raise self._throttled(answer, PROOF)
        if answer.status in (401, 403, 418) or _says_no(body):
            text, code = _message(body), _code(answer.status, body)
            if any(part in text.lower() for part in AUTH_WORDS) or code in AUTH_CODES:
                raise GatewayAuthFailed(
                    provider=self.provider,
                    operation=PROOF,
                    provider_code=ADDRESS_CODE if "whitelist" in text.lower() else code,
                )

    def _throttled(self, answer: transport.Answer, operation: str) -> GatewayThrottled:
        return GatewayThrottled(
            provider=self.provider,
            operation=operation,
            provider_code="429",
            retry_after_seconds=transport.retry_after_seconds(answer),
        )

    def _verdict(self, answer: transport.Answer) -> SMSReceipt:
        if answer.status == 429:
            raise self._throttled(answer, OPERATION)
        body = answer.json_object()
        if body is None or 300 <= answer.status < 400:
            raise self._not_theirs(answer, OPERATION)
        if answer.status == 200 and body.get("type") == "success":
            message_id = transport.message_id(body.get("request_id") or body.get("message"))
            return SMSReceipt(
                provider=self.provider,
                provider_message_id=message_id,
            )
        if answer.status < 300 and not _says_no(body):
            raise self._not_theirs(answer, OPERATION)
        self._reject(answer.status, body)
        return None

    def _not_theirs(self, answer: transport.Answer, operation: str) -> GatewayProtocolError:
        return GatewayProtocolError(
            provider=self.provider, operation=operation, provider_code=f"http_{answer.status}"
        )

    def _reject(self, status: int, body: dict[str, Any]) -> NoReturn:
        text, code = _message(body), _code(status, body)
        words = text.lower()
        about: dict[str, Any] = {
            "provider": self.provider,
            "operation": OPERATION,
            "provider_code": code,
        }
        if code == DUPLICATE_CODE or text.strip() == DUPLICATE_CODE:
            receipt = SMSReceipt(provider=self.provider, provider_message_id="")
            raise DuplicateRequest(**about, receipt=receipt)
        if any(part in words for part in RECIPIENT_WORDS):
            raise RecipientRejected(**about)
        if any(part in words for part in AUTH_WORDS) or code in AUTH_CODES:
            raise GatewayAuthFailed(**about)
        if code in RECIPIENT_CODES:
            raise RecipientRejected(**about)
        raise GatewayRejected(**about)


def _says_no(body: dict[str, Any]) -> bool:
    return (
        body.get("type") == "error" or body.get("status") == "fail" or body.get("hasError") is True
    )


def _message(body: dict[str, Any]) -> str:
    return next(
        (v for k in ("message", "msg", "errors", "error") if isinstance(v := body.get(k), str)), ""
    )


def _code(status: int, body: dict[str, Any]) -> str:
    """Return an error's number; nothing where it may be anything else: it stands in our tables."""
    code = str(body.get("apiError") or body.get("code") or (status if status >= 400 else ""))
    return code if re.fullmatch("[0-9]{1,5}", code) else ""
