"""A rendered mail on its way to the provider."""

from __future__ import annotations

from collections.abc import Mapping

from emails.rendering import render
from integrations import gateways


def send_mail(
    *,
    template: str,
    to: str,
    context: Mapping[str, object],
    reference: str,
    sandbox: bool = False,
) -> gateways.EmailReceipt:
    """Render a mail and hand it over. A receipt means accepted, not delivered.

    Args:
        reference: The caller's own id for the audit row; at most 64 characters, no personal data.
        sandbox: Let the provider check the mail and then drop it.

    Raises:
        KeyError: There is no such template.
        ContextError: The context is not what the template declares.
        GatewayUnavailable: Try again after ``retry_after_seconds``; the mail may still arrive.
        GatewayRejected: The provider refuses the mail; a human must look.
    """
    mail = render(template=template, context=context)
    return gateways.send_email(
        mail=gateways.OutgoingMail(
            to=to,
            subject=mail.subject,
            text=mail.text,
            html=mail.html,
            kind=template,
            reference=reference,
            sandbox=sandbox,
        )
    )
