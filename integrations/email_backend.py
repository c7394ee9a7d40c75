"""Django's own mail (``send_mail``, ``mail_admins``) through the guarded path."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.html import linebreaks

from integrations import gateways

KIND = "django_mail"
HTML = "text/html"


class SendGridBackend(BaseEmailBackend):
    """Sends each recipient a mail of their own, so that nobody sees who else got it.

    That goes for ``to``, ``cc`` and ``bcc`` alike. The sender is the channel's: SendGrid takes no
    other. There is no connection to open: all mails of a process share its HTTP session.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Send to every recipient, also after one failed; return how many messages all got.

        Raises:
            ValueError: A message has what this way does not carry, the text says what; then none
                of the messages is sent, and ``fail_silently`` does not hide it.
            GatewayError: The first failure, unless ``fail_silently``.
        """
        # All are read before the first leaves: nothing is half sent.
        outgoing = [_mails(message) for message in email_messages]
        failures: list[gateways.GatewayError] = []
        sent = 0
        for mails in outgoing:
            before = len(failures)
            for mail in mails:
                try:
                    gateways.send_email(mail=mail)
                except gateways.GatewayError as err:
                    failures.append(err)
            sent += bool(mails) and len(failures) == before
        if failures and not self.fail_silently:
            raise failures[0]
        return sent


def _mails(message: EmailMessage) -> list[gateways.OutgoingMail]:
    """Return a mail for each recipient; one who is named twice gets one.

    Raises:
        ValueError: The message has what this way does not carry.
    """
    problem = next(_problems(message), "")
    if problem:
        raise ValueError(f"SendGridBackend {problem}")
    text = str(message.body)
    alternatives: list[Any] = getattr(message, "alternatives", [])
    html = str(alternatives[0][0]) if alternatives else linebreaks(text, autoescape=True)
    return [
        gateways.OutgoingMail(
            to=address,
            subject=" ".join(str(message.subject).split()),
            text=text,
            html=html,
            kind=KIND,
            reference="",
        )
        for address in dict.fromkeys(_address(each) for each in message.recipients())
    ]


def _problems(message: EmailMessage) -> Iterator[str]:
    """Say what of a message would be lost, or would not be taken."""
    alternatives: list[Any] = getattr(message, "alternatives", [])
    if message.attachments:
        yield "carries no attachments: send a link."
    if message.reply_to:
        yield "carries no reply_to: answers go to the sender."
    if message.extra_headers:
        yield f"carries no headers of its own: {', '.join(message.extra_headers)}."
    if message.content_subtype != "plain":
        yield "wants a plain body: attach the HTML as an alternative."
    if not str(message.body).strip():
        yield "wants a text, beside HTML too."
    if [mimetype for _, mimetype in alternatives] not in ([], [HTML]):
        yield "carries one alternative, of text/html."
    if message.from_email not in (settings.DEFAULT_FROM_EMAIL, settings.SERVER_EMAIL):
        yield "sends from the address of its channel only: leave from_email out."
    if not all("@" in _address(each) for each in message.recipients()):
        yield "wants addresses that are some: one has no @."


def _address(recipient: str) -> str:
    """Return the address alone of what may be ``"Asha <asha@solarium.example>"``."""
    return parseaddr(str(recipient))[1]
