"""Django's own mail (``send_mail``, ``mail_admins``) through the guarded path."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.html import linebreaks

from integrations import gateways

KIND = "django_mail"


class SendGridBackend(BaseEmailBackend):
    """Sends one mail per recipient, so that nobody sees who else got it.

    The sender is ``SENDGRID_FROM_EMAIL``, whatever the message says: SendGrid takes no other.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Send to every recipient, also after one failed; return how many messages all got.

        Raises:
            ValueError: A message has attachments, which this way does not carry.
            GatewayError: The first failure, unless ``fail_silently``.
        """
        failures: list[gateways.GatewayError] = []
        sent = 0
        for message in email_messages:
            if message.attachments:
                raise ValueError("SendGridBackend carries no attachments.")
            before = len(failures)
            for address in message.recipients():
                try:
                    _send(message, to=address)
                except gateways.GatewayError as err:
                    failures.append(err)
            sent += len(failures) == before
        if failures and not self.fail_silently:
            raise failures[0]
        return sent


def _send(message: EmailMessage, *, to: str) -> None:
    text = str(message.body)
    alternatives: list[Any] = getattr(message, "alternatives", [])
    html = next((part[0] for part in alternatives if part[1] == "text/html"), None)
    gateways.send_email(
        mail=gateways.OutgoingMail(
            to=to,
            subject=" ".join(str(message.subject).split()),
            text=text,
            html=str(html) if html is not None else linebreaks(text, autoescape=True),
            kind=KIND,
            reference="",
        )
    )
