"""Delivery reports as the providers post them, soon after they took a message.

MSG91 (v3) reports on each recipient; SendGrid signs a list of events.
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import aiohttp
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sandbox import msg91

INDIA: Final = ZoneInfo("Asia/Kolkata")  # MSG91 writes times of India without a zone
# Sooner than any phone, later than the caller has read the answer: before that it knows no id.
AFTER_SECONDS: Final = 1.0
POST_SECONDS: Final = 5.0
# Invented, like the other keys here.
_SIGNING_KEY: Final = ec.derive_private_key(0x5011A7, ec.SECP256R1())
PUBLIC_KEY: Final = base64.b64encode(
    _SIGNING_KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
).decode()


@dataclass(frozen=True, kw_only=True)
class _Post:
    """One request to one of the backend's webhooks."""

    path: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Reports:
    """Posts to the webhooks of the backend at ``url``; whether it takes them matters to nobody."""

    def __init__(self, *, url: str, after_seconds: float = AFTER_SECONDS) -> None:
        self._url = url.rstrip("/")
        self._after_seconds = after_seconds
        self._under_way: set[asyncio.Task[None]] = set()

    async def run(self, app: web.Application) -> AsyncIterator[None]:
        """Hold the connections while the application runs (``cleanup_ctx``)."""
        timeout = aiohttp.ClientTimeout(total=POST_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as self._session:
            yield
            for task in list(self._under_way):
                task.cancel()
            await asyncio.gather(*self._under_way, return_exceptions=True)

    def after(self, answer: web.Response, asked: Mapping[str, Any]) -> None:
        """Report on what a request asked for, where the answer was a yes."""
        about = _mail(answer, asked) if "personalizations" in asked else _sms(answer, asked)
        for post in about:
            task = asyncio.create_task(self._post(post))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _post(self, post: _Post) -> None:
        await asyncio.sleep(self._after_seconds)
        headers = {"Content-Type": "application/json", **post.headers}
        try:
            async with self._session.post(self._url + post.path, data=post.body, headers=headers):
                pass
        except (aiohttp.ClientError, TimeoutError):
            return


REPORTS_KEY = web.AppKey("reports", Reports)


def _sms(answer: web.Response, asked: Mapping[str, Any]) -> Iterator[_Post]:
    said = json.loads(answer.text or "{}")
    if said.get("type") != "success":
        return
    for recipient in asked.get("recipients") or [{"mobiles": asked.get("mobile")}]:
        report = {
            "date": datetime.now(INDIA).strftime("%Y-%m-%d %H:%M:%S"),
            "number": str(recipient["mobiles"]),
            "senderId": "SOLRIM",
            "requestId": said.get("request_id") or said["message"],
            "CRQID": str(recipient.get("CRQID", "0")),
            "status": "1",
            "desc": "DELIVERED",
        }
        path = f"/integrations/webhooks/msg91/{msg91.REPORT_TOKEN}"
        yield _Post(path=path, body=json.dumps(report).encode())


def _mail(answer: web.Response, asked: Mapping[str, Any]) -> Iterator[_Post]:
    if answer.status != 202:  # 200: its sandbox mode, of which nothing is reported
        return
    now = int(time.time())
    events = [
        {
            **(person.get("custom_args") or asked.get("custom_args") or {}),
            "email": recipient["email"],
            "timestamp": now,
            "event": event,
            "sg_event_id": base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("="),
            "sg_message_id": f"{answer.headers['X-Message-Id']}.recvd-sandbox-1",
        }
        for person in asked["personalizations"]
        for recipient in person["to"]
        for event in ("processed", "delivered")
    ]
    body = json.dumps(events).encode()
    yield _Post(path="/integrations/webhooks/sendgrid", body=body, headers=_signed(body, now))


def _signed(body: bytes, now: int) -> dict[str, str]:
    signature = _SIGNING_KEY.sign(str(now).encode() + body, ec.ECDSA(SHA256()))
    return {
        "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
        "X-Twilio-Email-Event-Webhook-Timestamp": str(now),
    }
