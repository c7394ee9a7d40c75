"""What the stand-ins would have delivered: the newest 1,000 messages, in memory only."""

from __future__ import annotations

import secrets
import uuid
from collections import deque
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from aiohttp import web
from django.template import Context, Engine

from api.timestamps import timestamp

KEPT_MESSAGES = 1000
SHOWN_MESSAGES = 50  # on the page; each mail there is a frame

_engine = Engine(dirs=[str(Path(__file__).parent / "templates")])


@dataclass(frozen=True, kw_only=True)
class Message:
    """One SMS or mail; ``to`` is spelled as the provider got it."""

    channel: Literal["sms", "email"]
    to: str
    text: str
    html: str = ""
    subject: str = ""
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    at: str = field(default_factory=lambda: timestamp(datetime.now(UTC)))


class Inbox:
    """Messages, the oldest falling out."""

    def __init__(self) -> None:
        self._messages: deque[Message] = deque(maxlen=KEPT_MESSAGES)

    def add(self, message: Message) -> None:
        """Keep a message."""
        self._messages.appendleft(message)

    def find(self, *, to: str = "") -> list[Message]:
        """Return the messages to a phone or address, newest first; all where ``to`` is empty."""
        wanted = _plain(to)
        return [one for one in self._messages.copy() if not wanted or _plain(one.to) == wanted]

    def get(self, message_id: str) -> Message | None:
        """Return one message; None where it fell out or never was."""
        return next((one for one in self._messages.copy() if one.id == message_id), None)


def _plain(address: str) -> str:
    # A plus sign in a query arrives as a space, and MSG91 is given numbers without it.
    return (
        address.replace("+", "").replace(" ", "").casefold()
        if "@" not in address
        else address.strip().casefold()
    )


def as_json(messages: list[Message]) -> web.Response:
    """Answer with the messages as data."""
    return web.json_response({"messages": [asdict(one) for one in messages]})


def as_mail(message: Message) -> web.Response:
    """Answer with a mail's HTML: no script of it runs, its links open in a new tab."""
    policy = (
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
        "style-src 'unsafe-inline'; img-src data:"
    )
    return web.Response(
        text=_framed(message),
        content_type="text/html",
        headers={"Content-Security-Policy": policy, "Cache-Control": "no-store"},
    )


def _framed(message: Message) -> str:
    return f'<base target="_blank">{message.html}'


def as_page(messages: list[Message], *, to: str) -> web.Response:
    """Answer with the messages as a page that refreshes itself.

    Mails stand in sandboxed frames: no script of theirs runs, their links open in a new tab.
    """
    nonce = secrets.token_urlsafe(16)
    shown = [
        {**asdict(one), "frame": _framed(one) if one.html else ""}
        for one in messages[:SHOWN_MESSAGES]
    ]
    page = _engine.get_template("sandbox/inbox.html").render(
        Context(
            {
                "messages": shown,
                "to": to,
                "total": str(len(messages)),
                "newest": messages[0].id if messages else "",
                "nonce": nonce,
            }
        )
    )
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'unsafe-inline'; "
        "img-src data:; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'self'"
    )
    return web.Response(
        text=page,
        content_type="text/html",
        headers={"Content-Security-Policy": policy, "Cache-Control": "no-store"},
    )
