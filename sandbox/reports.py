"""Delivery reports as MSG91 posts them (v3): one for each recipient, soon after it took an SMS."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import aiohttp
from aiohttp import web

INDIA: Final = ZoneInfo("Asia/Kolkata")  # MSG91 writes times of India without a zone
# Sooner than any phone, later than the caller has read the answer: before that it knows no id.
AFTER_SECONDS: Final = 1.0
POST_SECONDS: Final = 5.0


class Reports:
    """Posts to ``url``; whether anybody takes a report does not matter to MSG91's side."""

    def __init__(self, *, url: str, after_seconds: float = AFTER_SECONDS) -> None:
        self._url = url
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

    def after(self, answer: web.Response, fields: Mapping[str, Any]) -> None:
        """Report on the SMS of one request where it was taken."""
        said = json.loads(answer.text or "{}")
        if said.get("type") != "success":
            return
        request_id = said.get("request_id") or said["message"]
        recipients = fields.get("recipients") or [{"mobiles": fields.get("mobile")}]
        for one in recipients:
            task = asyncio.create_task(self._post(request_id, one))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _post(self, request_id: str, recipient: Mapping[str, Any]) -> None:
        await asyncio.sleep(self._after_seconds)
        report = {
            "date": datetime.now(INDIA).strftime("%Y-%m-%d %H:%M:%S"),
            "number": str(recipient["mobiles"]),
            "senderId": "SOLRIM",
            "requestId": request_id,
            "CRQID": str(recipient.get("CRQID", "0")),
            "status": "1",
            "desc": "DELIVERED",
        }
        try:
            async with self._session.post(self._url, json=report):
                pass
        except (aiohttp.ClientError, TimeoutError):
            return


REPORTS_KEY = web.AppKey("reports", Reports)
