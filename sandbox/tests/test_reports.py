"""Delivery reports that the stand-in of MSG91 posts."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from django.utils import timezone

from integrations.reports import msg91 as reader
from sandbox import msg91, server
from sandbox.reports import Reports

KEY = {"authkey": msg91.AUTH_KEY}
OTP = {"template_id": msg91.TEMPLATE_ID, "mobile": "919876543210", "otp": "123456"}
FLOW = {
    "template_id": msg91.TEMPLATE_ID,
    "recipients": [
        {"mobiles": "919876543210", "OTP": "123456", "CRQID": "c-1"},
        {"mobiles": "919876543211", "OTP": "123456", "CRQID": "c-2"},
    ],
}


async def exchange(path: str, body: Any, *, expected: int) -> tuple[Any, list[bytes]]:
    """Post to the stand-in; return its answer and what it reported until as much came."""
    reported: list[bytes] = []
    enough = asyncio.Event()

    async def take(request: web.Request) -> web.Response:
        reported.append(await request.read())
        if len(reported) >= expected:
            enough.set()
        return web.json_response({"success": True})

    listener = web.Application()
    listener.router.add_post("/reports", take)
    ours = await server.start(listener)
    reports = Reports(url=f"http://127.0.0.1:{ours.addresses[0][1]}/reports", after_seconds=0.01)
    theirs = await server.start(server.build_app(reports=reports))
    try:
        async with aiohttp.ClientSession() as session:
            url = f"http://127.0.0.1:{theirs.addresses[0][1]}{path}"
            async with session.post(url, json=body, headers=KEY) as answer:
                said = await answer.json()
            if expected:
                await asyncio.wait_for(enough.wait(), timeout=10)
            await asyncio.sleep(0.05)
    finally:
        await theirs.cleanup()
        await ours.cleanup()
    return said, reported


@pytest.mark.parametrize(
    ("path", "body", "numbers"),
    [
        ("/api/v5/otp", OTP, ["+919876543210"]),
        ("/api/v5/flow", FLOW, ["+919876543210", "+919876543211"]),
    ],
)
def test_one_for_each_recipient_as_we_read_them(path, body, numbers):
    said, reported = asyncio.run(exchange(path, body, expected=len(numbers)))

    found = [reader.parse(each, now=timezone.now()) for each in reported]
    reports = sorted((report for (report,) in found), key=lambda report: report.recipient)
    assert [report.recipient for report in reports] == numbers
    request_id = said.get("request_id") or said["message"]
    assert {report.message_ids for report in reports} == {(request_id,)}
    assert {report.state for report in reports} == {"delivered"}
    assert abs((reports[0].at - timezone.now()).total_seconds()) < 10


def test_none_of_what_was_refused():
    said, reported = asyncio.run(exchange("/api/v5/otp", {**OTP, "mobile": "x"}, expected=0))

    assert said["type"] == "error"
    assert reported == []
