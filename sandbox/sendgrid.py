"""SendGrid's side of ``/v3/mail/send`` and ``/v3/scopes``."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from sandbox.inbox import Inbox, Message

API_KEY = "SG.sandbox.key"
SCOPES = ("mail.send", "sender_verification_eligible")


def key_of(header: str) -> str:
    """Return the key of an ``Authorization`` header; empty where it holds none."""
    return header.removeprefix("Bearer ") if header.startswith("Bearer ") else ""


def unauthorized() -> web.Response:
    """Answer as for a key that does not exist."""
    return error(401, "The provided authorization grant is invalid, expired, or revoked")


def forbidden() -> web.Response:
    """Answer as for a key without the right that it needs."""
    return error(403, "access forbidden")


def scopes(rights: list[str]) -> web.Response:
    """Answer ``GET /v3/scopes`` for a key that is known."""
    return web.json_response({"scopes": rights})


def error(status: int, message: str, field: str | None = None) -> web.Response:
    """Answer in the shape of SendGrid's errors."""
    body = {"errors": [{"message": message, "field": field, "help": None}]}
    return web.json_response(body, status=status)


def send(*, mail: object, inbox: Inbox) -> web.Response:
    """Answer ``POST /v3/mail/send``; ``mail`` is the parsed body, None when it is no JSON."""
    if not isinstance(mail, dict):
        return error(400, "Bad Request")
    wrong = _find_mistake(mail)
    if wrong is not None:
        return error(400, *wrong)
    if _is_sandboxed(mail):
        return web.Response(status=200)
    parts = {part["type"]: part["value"] for part in mail["content"]}
    for person in mail["personalizations"]:
        for recipient in person["to"]:
            inbox.add(
                Message(
                    channel="email",
                    to=recipient["email"],
                    subject=person.get("subject") or mail["subject"],
                    text=parts.get("text/plain", ""),
                    html=parts.get("text/html", ""),
                )
            )
    return web.Response(status=202, headers={"X-Message-Id": secrets.token_urlsafe(16)})


def _find_mistake(mail: Mapping[str, Any]) -> tuple[str, str] | None:
    people = mail.get("personalizations")
    if not isinstance(people, list) or not people:
        return "You must have at least one personalization.", "personalizations"
    for n, person in enumerate(people):
        recipients = person.get("to") if isinstance(person, dict) else None
        if not isinstance(recipients, list) or not recipients:
            return (
                "The to array is required for all personalization objects.",
                f"personalizations.{n}.to",
            )
        for m, recipient in enumerate(recipients):
            if not _has_address(recipient):
                at = f"personalizations.{n}.to.{m}.email"
                return "Does not contain a valid address.", at
    if not _has_address(mail.get("from")):
        return "The from object must be provided for every email send.", "from.email"
    if not _is_text(mail.get("subject")):
        return "The subject is required.", "subject"
    content = mail.get("content")
    if not isinstance(content, list) or not content:
        return (
            "Unless a valid template_id is provided, the content parameter is required.",
            "content",
        )
    for n, part in enumerate(content):
        if not (
            isinstance(part, dict) and _is_text(part.get("type")) and _is_text(part.get("value"))
        ):
            return (
                "The content value must be a string at least one character in length.",
                f"content.{n}.value",
            )
    return None


def _has_address(value: object) -> bool:
    address = value.get("email") if isinstance(value, dict) else None
    return isinstance(address, str) and "@" in address.strip("@")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _is_sandboxed(mail: Mapping[str, Any]) -> bool:
    settings = mail.get("mail_settings")
    mode = settings.get("sandbox_mode") if isinstance(settings, dict) else None
    return isinstance(mode, dict) and mode.get("enable") is True
