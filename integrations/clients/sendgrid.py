"""SendGrid: ``POST /v3/mail/send``.

Read 2026-11-24 in Twilio's OpenAPI 3.1 of mail/send. 202 means accepted (200 in sandbox mode), the
body of both is empty; errors are JSON. The SDK builds the payload, our session carries it: the
SDK's own client opens a connection per mail and has no timeout (ADR 0004). Click, open,
subscription and Google tracking are off: a rewritten link would put a reset token into a stranger's
hands over plain http.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sendgrid.helpers.mail import (
    ClickTracking,
    Content,
    CustomArg,
    Email,
    From,
    Ganalytics,
    Mail,
    MailSettings,
    OpenTracking,
    Personalization,
    SandBoxMode,
    SubscriptionTracking,
    TrackingSettings,
)

from integrations import defaults, transport
from integrations.clients.protocols import PROVE_KEY, SEND_EMAIL
from integrations.correlation import correlation_id
from integrations.errors import (
    GatewayAuthFailed,
    GatewayProtocolError,
    GatewayRejected,
    GatewayThrottled,
    RecipientRejected,
)
from integrations.messages import OutgoingMail
from integrations.results import EmailReceipt, Proof

SEND_SCOPE = "mail.send"
# Stand on every key, whatever it may do.
HARMLESS_SCOPES = ("2fa_", "sender_verification_", "mail.")


@dataclass(frozen=True, kw_only=True)
class SendGridClient:
    """One attempt at a time; ``calls`` does the rest. ``keys``: the environment's."""

    keys: tuple[str, ...] = field(repr=False, metadata={"setting": "SENDGRID_API_KEY"})
    from_email: str = field(metadata={"setting": "SENDGRID_FROM_EMAIL"})
    from_name: str = ""
    base_url: str = field(
        default=defaults.SENDGRID_BASE_URL, metadata={"setting": "SENDGRID_BASE_URL"}
    )

    provider: ClassVar[str] = "sendgrid"

    def send_email(self, *, key: str, mail: OutgoingMail) -> EmailReceipt:
        """Hand one mail over, once.

        Raises:
            AttemptFailed: Timeout, connection error or 5xx.
            GatewayError: SendGrid's no, or an answer that is not SendGrid's.
        """
        answer = transport.post_json(
            url=f"{self.base_url}/v3/mail/send",
            headers={"Authorization": f"Bearer {key}"},
            payload=self._payload(mail),
        )
        return self._verdict(answer, sandbox=mail.sandbox)

    def prove(self, *, key: str) -> Proof:
        """Ask which rights a key has, without sending anything.

        Raises:
            AttemptFailed: Timeout, connection error or 5xx.
            GatewayError: The key is refused (``provider_code`` ``no_mail_send``: it may not send),
                or the answer is not SendGrid's.
        """
        answer = transport.get(
            url=f"{self.base_url}/v3/scopes", headers={"Authorization": f"Bearer {key}"}
        )
        about: dict[str, Any] = {"provider": self.provider, "operation": PROVE_KEY}
        if answer.status == 429:
            raise GatewayThrottled(
                **about, provider_code="429", retry_after_seconds=_retry_after(answer)
            )
        body = answer.json_object()
        if body is not None and _is_out_of_credit(body):
            return Proof(warnings=("SendGrid knows the key but is out of credit.",))
        if answer.status == 401:
            raise GatewayAuthFailed(**about, provider_code="401")
        if answer.status == 403 and body is not None:
            return Proof(warnings=("SendGrid knows the key but does not let it list its rights.",))
        scopes = body.get("scopes") if body and answer.status == 200 else None
        if not isinstance(scopes, list):
            raise GatewayProtocolError(**about, provider_code=f"http_{answer.status}")
        if SEND_SCOPE not in scopes:
            raise GatewayAuthFailed(**about, provider_code="no_mail_send")
        more = [each for each in scopes if not str(each).startswith(HARMLESS_SCOPES)]
        if more:
            return Proof(
                warnings=(f"The key may do far more than send mail: {len(more)} other rights.",)
            )
        return Proof()

    def _payload(self, mail: OutgoingMail) -> dict[str, Any]:
        message = Mail(from_email=From(self.from_email, self.from_name), subject=mail.subject)
        recipient = Personalization()
        recipient.add_to(Email(mail.to))
        # On the personalization: at message level the helper's shape is not their schema's.
        recipient.add_custom_arg(CustomArg("app_msg_id", mail.reference))
        recipient.add_custom_arg(CustomArg("correlation_id", correlation_id()))
        recipient.add_custom_arg(CustomArg("kind", mail.kind))
        message.add_personalization(recipient)
        message.add_content(Content("text/plain", mail.text))
        message.add_content(Content("text/html", mail.html))
        tracking = TrackingSettings()
        tracking.click_tracking = ClickTracking(enable=False, enable_text=False)
        tracking.open_tracking = OpenTracking(enable=False)
        tracking.subscription_tracking = SubscriptionTracking(enable=False)
        tracking.ganalytics = Ganalytics(enable=False)
        message.tracking_settings = tracking
        message.mail_settings = MailSettings(sandbox_mode=SandBoxMode(enable=mail.sandbox))
        payload: dict[str, Any] = message.get()
        return payload

    def _verdict(self, answer: transport.Answer, *, sandbox: bool) -> EmailReceipt:
        accepted = (200, 202) if sandbox else (202,)
        if answer.status in accepted and not answer.body.strip():
            message_id = transport.message_id(answer.headers.get("X-Message-Id"))
            return EmailReceipt(provider=self.provider, provider_message_id=message_id)
        if answer.status == 429:
            raise GatewayThrottled(
                provider=self.provider,
                operation=SEND_EMAIL,
                provider_code="429",
                retry_after_seconds=_retry_after(answer),
            )
        body = answer.json_object()
        about: dict[str, Any] = {"provider": self.provider, "operation": SEND_EMAIL}
        if body is None or answer.status < 400:
            raise GatewayProtocolError(**about, provider_code=f"http_{answer.status}")
        code = str(answer.status)
        if _is_out_of_credit(body):
            raise GatewayRejected(**about, provider_code="credits_exceeded")
        if answer.status in (401, 403):
            raise GatewayAuthFailed(**about, provider_code=code)
        if answer.status == 400 and ".to." in str(_first_error(body).get("field") or ""):
            raise RecipientRejected(**about, provider_code=code)
        raise GatewayRejected(**about, provider_code=code)


def _first_error(body: dict[str, Any]) -> dict[str, Any]:
    errors = body.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    return first if isinstance(first, dict) else {}


def _is_out_of_credit(body: dict[str, Any]) -> bool:
    """They say 401 here, as for a bad key; only the text tells."""
    return "credits exceeded" in str(_first_error(body).get("message", "")).lower()


def _retry_after(answer: transport.Answer) -> int:
    """Their ``Retry-After``, else what is left until ``X-RateLimit-Reset`` (epoch seconds)."""
    reset = transport.whole_number(answer.headers.get("X-RateLimit-Reset", ""))
    if "Retry-After" not in answer.headers and reset is not None:
        left = reset - int(time.time())
        if 0 < left <= transport.MAX_RETRY_AFTER_SECONDS:
            return left
    return transport.retry_after_seconds(answer)
