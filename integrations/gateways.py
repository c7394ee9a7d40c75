"""The one door: what other apps may ask of the three providers.

Every function that calls takes the guarded path: audit row, wall-clock attempts, retries as the
specification says, the database connection given back before the first byte leaves.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from integrations import (
    breaker,
    calls,
    conf,
    delegation,
    failures,
    keys,
    sms,
    suppressions,
    switches,
)
from integrations.alert_watch import SETTLE_SECONDS as ALERT_SETTLE_SECONDS
from integrations.alert_watch import add_alert_check, start_alert_watch
from integrations.alerts import mark_alert_seen, open_alerts, set_alert
from integrations.blobs import delete_blob, get_blob_properties, read_blob, upload_blob
from integrations.clients import azure_links
from integrations.clients.azure_blob import AzureBlobClient
from integrations.clients.azure_links import SAS_LIFETIME
from integrations.clients.protocols import SEND_EMAIL, EmailClient
from integrations.conf import alert_failures_per_minute, guard
from integrations.correlation import bind_correlation_id, correlation_id
from integrations.errors import (
    BlobNotFound,
    GatewayAuthFailed,
    GatewayError,
    GatewayMisconfigured,
    GatewayProtocolError,
    GatewayRejected,
    GatewayThrottled,
    GatewayUnavailable,
    RecipientRejected,
    RecipientSuppressed,
)
from integrations.failures import WINDOW as FAILURES_WINDOW
from integrations.failures import ProviderStatus
from integrations.keys import peppers
from integrations.messages import OutgoingCode, OutgoingMail
from integrations.results import (
    BlobContent,
    BlobProperties,
    BlobSAS,
    DeliveryReport,
    EmailReceipt,
    SMSReceipt,
)
from integrations.signals import delivery_reported, ops_action
from integrations.suppressions import is_suppressed
from integrations.switches import switch_off, switch_on
from integrations.turns import turn
from integrations.waiting import waiting

__all__ = [
    "ALERT_SETTLE_SECONDS",
    "FAILURES_WINDOW",
    "SAS_LIFETIME",
    "BlobContent",
    "BlobNotFound",
    "BlobProperties",
    "BlobSAS",
    "DeliveryReport",
    "EmailReceipt",
    "GatewayAuthFailed",
    "GatewayError",
    "GatewayMisconfigured",
    "GatewayProtocolError",
    "GatewayRejected",
    "GatewayThrottled",
    "GatewayUnavailable",
    "OutgoingMail",
    "ProviderStatus",
    "RecipientRejected",
    "RecipientSuppressed",
    "SMSReceipt",
    "add_alert_check",
    "alert_failures_per_minute",
    "bind_correlation_id",
    "breaker_states",
    "correlation_id",
    "delete_blob",
    "delivery_reported",
    "get_blob_properties",
    "guard",
    "is_suppressed",
    "issue_blob_sas",
    "mark_alert_seen",
    "open_alerts",
    "ops_action",
    "peppers",
    "provider_statuses",
    "read_blob",
    "send_email",
    "send_otp",
    "set_alert",
    "start_alert_watch",
    "switch_off",
    "switch_on",
    "turn",
    "upload_blob",
    "waiting",
]


def send_otp(*, to: str, code: str, reference: str, app: str = "", text: str = "") -> SMSReceipt:
    """
    Hand one code to the SMS provider. A receipt means accepted, not delivered.

    Where a second route is set (channel ``sms_fallback``) and not a byte left for the first
    provider, the same code takes the second one; the receipt names who accepted it.

    Args:
        to: Recipient in E.164 with the plus sign, e.g. ``"+919800000000"``.
        code: The digits as the person will type them, leading zeros kept.
        reference: The caller's own id for the audit row; at most 64 characters, no personal data.
        app: Whose template is used; the provider's only one where it has none of its own.
        text: The whole SMS, for a second route without templates; empty: it is not taken.

    Raises:
        RecipientRejected: The provider refuses this phone; ask for another.
        GatewayUnavailable: Not accepted for sure; see ``retry_after_seconds``, ``maybe_accepted``.
        GatewayRejected: The provider refuses the message; a human must look.
    """
    return sms.send(OutgoingCode(to=to, code=code, reference=reference, app=app, text=text))


def send_email(*, mail: OutgoingMail) -> EmailReceipt:
    """
    Hand one mail to the email provider. A receipt means accepted, not delivered.

    Raises:
        GatewayUnavailable: Try again after ``retry_after_seconds``; a mail may still arrive.
        RecipientSuppressed: Mail to this address is held back; nothing was sent. Not for a
            sandbox mail, which goes nowhere anyway.
        GatewayRejected: The provider refuses the mail; a human must look.
    """
    client: EmailClient = conf.client("email")
    # Asked for a sandbox mail, too: the two must cost the same (S22).
    if suppressions.is_suppressed(mail.to) and not mail.sandbox:
        calls.refuse(
            RecipientSuppressed(
                provider=client.provider, operation=SEND_EMAIL, provider_code="suppressed"
            ),
            recipient=mail.to,
            reference=mail.reference,
        )
    return calls.perform(
        provider=client.provider,
        operation=SEND_EMAIL,
        recipient=mail.to,
        reference=mail.reference,
        keys=keys.usable(client),
        attempt=lambda key: client.send_email(key=key, mail=mail),
        retry=True,
    )


def issue_blob_sas(
    *,
    blob: str,
    permission: Literal["create", "read"],
    now: datetime,
    content_type: str,
    file_name: str = "",
) -> BlobSAS:
    """
    Sign a link that gives one right on one blob for 30 minutes, from 5 minutes back.

    With an account key this needs no network; with a managed identity a delegation key is fetched
    about twice a day.

    Args:
        blob: Its name inside the container.
        content_type: For ``"read"``: what the storage answers with, whatever the blob says.
        file_name: For ``"read"``: the name under which the browser saves it.

    Raises:
        GatewayUnavailable: Switched off, or the delegation key could not be had; try again shortly.
        GatewayRejected: The identity may not sign; a human must look.
    """
    client: AzureBlobClient = conf.client("blob")
    switches.check(provider=client.provider, operation="issue_blob_sas")
    usable = keys.usable(client)
    return azure_links.issue_sas(
        client,
        key=usable[0] if usable else delegation.get_key(client, now=now),
        blob=blob,
        permission=permission,
        now=now,
        content_type=content_type,
        file_name=file_name,
    )


def breaker_states() -> dict[str, str]:
    """Return each provider's breaker: ``"closed"``, ``"open"`` or ``"half_open"``."""
    return {name: breaker.state(name) for name in conf.providers()}


def provider_statuses() -> list[ProviderStatus]:
    """Return how each provider does right now: breaker, failures of the last minute, last error."""
    return [failures.status(provider=name) for name in conf.providers()]
