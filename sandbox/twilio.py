"""Twilio's side of ``/2010-04-01/Accounts/{sid}/Messages.json``."""

from __future__ import annotations

import binascii
import re
import secrets
from base64 import b64decode
from collections.abc import Collection, Mapping

from aiohttp import web

from sandbox.inbox import Inbox, Message

ACCOUNT_SID = "AC00000000000000000000000000000001"
AUTH_TOKEN = "sandbox-twilio-token"

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_SENDER = re.compile(r"\+[1-9][0-9]{6,14}|[A-Za-z0-9 ]{1,11}", re.ASCII)


def key_of(header: str) -> tuple[str, str]:
    """Return user and password of an ``Authorization`` header; empty where it holds none."""
    scheme, _, credentials = header.partition(" ")
    try:
        user, _, password = b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return (user, password) if scheme == "Basic" else ("", "")


def unauthorized() -> web.Response:
    """Answer as for credentials that do not exist."""
    return error(401, 20003, "Authenticate")


def error(status: int, code: int, message: str) -> web.Response:
    """Answer in the shape of Twilio's errors."""
    body = {
        "code": code,
        "message": message,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    return web.json_response(body, status=status)


def message(*, to: str, status: str = "queued", error_code: int | None = None) -> web.Response:
    """Answer as for a message that was made."""
    body = {
        "sid": f"SM{secrets.token_hex(16)}",
        "account_sid": ACCOUNT_SID,
        "to": to,
        "status": status,
        "error_code": error_code,
    }
    return web.json_response(body, status=201)


def send(
    *,
    account_sid: str,
    credentials: tuple[str, str],
    taken: Collection[str],
    fields: Mapping[str, str],
    inbox: Inbox,
) -> web.Response:
    """Answer a new message; the account is looked at before the fields, as Twilio does."""
    user, password = credentials
    known = account_sid == ACCOUNT_SID and (user == ACCOUNT_SID or user.startswith("SK"))
    if not known or password not in taken:
        return unauthorized()
    to, sender = fields.get("To", ""), fields.get("From", "")
    if not to:
        return error(400, 21604, "A 'To' phone number is required.")
    if not fields.get("MessagingServiceSid") and not _SENDER.fullmatch(sender):
        return error(400, 21603, "A 'From' phone number is required.")
    if not _NUMBER.fullmatch(to):
        return error(400, 21211, f"The 'To' number {to} is not a valid phone number.")
    if not fields.get("Body"):
        return error(400, 21602, "Message body is required.")
    inbox.add(Message(channel="sms", to=to, text=fields["Body"]))
    return message(to=to)
