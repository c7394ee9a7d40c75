"""What becomes of messages, as the providers post it soon after they took one.

MSG91 posts one report (v3) for each recipient, SendGrid a signed batch of events.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import aiohttp
from aiohttp import web

from sandbox import msg91, sendgrid_events

INDIA: Final = ZoneInfo("Asia/Kolkata")  # MSG91 writes times of India without a zone
# Sooner than any phone, later than the caller has read the answer: before that it knows no id.
AFTER_SECONDS: Final = 1.0
POST_SECONDS: Final = 5.0
JSON: Final = {"Content-Type": "application/json"}


class Reports:
    """Posts to a backend; whether it takes a report does not matter to the providers' side."""

    def __init__(self, *, backend: str, after_seconds: float = AFTER_SECONDS) -> None:
        webhooks = f"{backend.rstrip('/')}/integrations/webhooks"
        self._msg91_url = f"{webhooks}/msg91/{msg91.REPORT_TOKEN}"
        self._sendgrid_url = f"{webhooks}/sendgrid"
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

    def after_sms(self, answer: web.Response, fields: Mapping[str, Any]) -> None:
        """Report on the SMS of one request to MSG91 where it was taken."""
        said = json.loads(answer.text or "{}")
        if said.get("type") != "success":
            return
        request_id = said.get("request_id") or said["message"]
        recipients = fields.get("recipients") or [{"mobiles": fields.get("mobile")}]
        for one in recipients:
            body = _sms_report(request_id, one)
            self._post_later(self._msg91_url, body, lambda _: JSON)

    def after_mail(self, answer: web.Response, mail: object) -> None:
        """Report on the mail of one request to SendGrid; one in sandbox mode has no events."""
        if answer.status != 202 or not isinstance(mail, dict):
            return
        body = sendgrid_events.batch(mail=mail, message_id=answer.headers["X-Message-Id"])
        self._post_later(self._sendgrid_url, body, sendgrid_events.headers)

    def _post_later(
        self, url: str, body: bytes, headers: Callable[[bytes], Mapping[str, str]]
    ) -> None:
        task = asyncio.create_task(self._post(url, body, headers))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _post(
        self, url: str, body: bytes, headers: Callable[[bytes], Mapping[str, str]]
    ) -> None:
        await asyncio.sleep(self._after_seconds)
        try:
            async with self._session.post(url, data=body, headers=headers(body)):
                pass
        except (aiohttp.ClientError, TimeoutError):
            return


REPORTS_KEY = web.AppKey("reports", Reports)


def _sms_report(request_id: str, recipient: Mapping[str, Any]) -> bytes:
    report = {
        "date": datetime.now(INDIA).strftime("%Y-%m-%d %H:%M:%S"),
        "number": str(recipient["mobiles"]),
        "senderId": "SOLRIM",
        "requestId": request_id,
        "CRQID": str(recipient.get("CRQID", "0")),
        "status": "1",
        "desc": "DELIVERED",
    }
    return json.dumps(report).encode()
