"""Who may send which mail, how often, and what a stranger learns from it: nothing."""

from __future__ import annotations

import logging
import unicodedata
import uuid
from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings

from accounts import security_events
from accounts.models import SecurityEvent, User
from accounts.reset_links import make_link
from accounts.roles import STAFF, Role
from api.limits import Window, take_all
from api.problems import Problem, gateway_problem, invalid
from emails.sending import send_mail
from emails.templates import TEMPLATES, ContextError, EmailTemplate, check_context
from integrations import gateways
from integrations.redact import fingerprint

logger = logging.getLogger(__name__)

PASSWORD_RESET: Final = "password_reset"  # noqa: S105  (a template's name)
PASSWORD_CHANGED: Final = "password_changed"  # noqa: S105  (a template's name)
DOCUMENT_REJECTED: Final = "document_rejected"
UNABLE: Final = "Unable to send email. Please try again."
_HOUR_SECONDS: Final = 3600


def sendable_templates() -> list[EmailTemplate]:
    """Return what staff may send with values of their own."""
    return [template for template in TEMPLATES.values() if template.by_staff]


def request_password_reset(*, to: str, address: str) -> None:
    """Mail a reset link if ``to`` belongs to active staff, else let the provider drop the mail.

    An address to which mail is held back is treated as one without an account.

    Both ways make the same provider call and end alike, so that neither answer nor pace nor an
    outage tells whether there is an account.

    Args:
        to: Lower-cased.
        address: The caller's, as `api.address.client_address` gives it.

    Raises:
        Problem: 429 ``send_limit_reached``, 503 ``email_unavailable``.
    """
    _take_limits(
        ("resets_address", fingerprint(to), settings.RESETS_PER_ADDRESS_HOUR),
        ("resets_ip", address, settings.RESETS_PER_IP_HOUR),
    )
    _record_reset_request(to, address)
    account = User.objects.filter(email=to, is_active=True, role__in=STAFF).first()
    if gateways.is_suppressed(to):
        account = None  # a refusal would tell that there is one
    # The stand-in costs the same work; its link leads nowhere.
    user = account or User(role=Role.KAM, email=to, password="")
    try:
        send_mail(
            template=PASSWORD_RESET,
            to=to,
            context={"username": _username(user), "link": make_link(user=user)},
            reference=str(uuid.uuid4()),
            sandbox=account is None,
        )
    except gateways.GatewayUnavailable as err:
        raise _gateway_problem(err) from err
    except gateways.GatewayRejected as err:
        # A refusal may depend on the address; the audit row and the log tell ops.
        logger.error("password reset mail rejected", extra={"provider_code": err.provider_code})


def _record_reset_request(to: str, address: str) -> None:
    """Before the account is looked at: the same for everybody."""
    security_events.record(
        kind=SecurityEvent.Kind.PASSWORD_RESET,
        result=SecurityEvent.Result.OK,
        subject=to,
        client_address=address,
        detail="link asked for",
    )


def send_staff_mail(*, sender: User, template: str, to: str, context: Mapping[str, Any]) -> str:
    """Send a mail with values of the sender's own; return the provider's id of it.

    Raises:
        Problem: 429 ``send_limit_reached``, 503 ``email_unavailable``, 502 ``email_rejected``.
    """
    _take_limits(("emails_user", str(sender.pk), settings.EMAIL_SENDS_PER_USER_HOUR))
    try:
        receipt = send_mail(template=template, to=to, context=context, reference=str(uuid.uuid4()))
    except gateways.GatewayError as err:
        raise _gateway_problem(err) from err
    return receipt.provider_message_id


def send_password_changed(*, user: User) -> None:
    """Tell the owner; the password is changed whether this mail goes out or not."""
    _send_notice(user, template=PASSWORD_CHANGED, context={"username": _username(user)})


def send_document_rejected(*, user: User, document_name: str, reason: str) -> None:
    """Tell an uploader who has an address; the refusal stands whether this mail goes out or not.

    Args:
        document_name: As the uploader named the file; cleaned.
        reason: A sentence for the uploader.
    """
    _send_notice(
        user,
        template=DOCUMENT_REJECTED,
        context={
            "customerName": _username(user),
            "documentName": document_name,
            "reason": reason,
        },
    )


def _send_notice(user: User, *, template: str, context: Mapping[str, Any]) -> None:
    if not user.email:
        return
    try:
        send_mail(template=template, to=user.email, context=context, reference=str(uuid.uuid4()))
    except gateways.GatewayError as err:
        logger.error(
            "notice not sent", extra={"template": template, "provider_code": err.provider_code}
        )


def check_staff_context(*, template: str, context: Mapping[str, Any]) -> None:
    """
    Raises:
        Problem: 400 ``validation_error`` that names the placeholder.
    """
    try:
        check_context(template=TEMPLATES[template], context=context)
    except ContextError as err:
        raise invalid(field=f"context.{err.field}", code=err.code, detail=err.detail) from err


def _username(user: User) -> str:
    name = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in user.name)
    return " ".join(name.split()) or (user.email or "")[:200]


def _take_limits(*each: tuple[str, str, int]) -> None:
    wait = take_all([Window(name, key, amount, _HOUR_SECONDS) for name, key, amount in each])
    if wait:
        raise Problem(
            status=429,
            code="send_limit_reached",
            detail="Too many emails were asked for. Please try again later.",
            retry_after=wait,
        )


def _gateway_problem(err: gateways.GatewayError) -> Problem:
    return gateway_problem(
        err, unavailable="email_unavailable", rejected="email_rejected", detail=UNABLE
    )
