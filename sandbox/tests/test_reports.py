"""Delivery reports that the stand-ins post."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from django.utils import timezone

from integrations.reports import msg91 as reader
from integrations.reports import sendgrid as sendgrid_reader
from sandbox import msg91, sendgrid, server
from sandbox.control import FAULTS_KEY
from sandbox.reports import PUBLIC_KEY, Reports
from sandbox.tests import calls

SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"
KEY = {"authkey": msg91.AUTH_KEY, "Authorization": f"Bearer {sendgrid.API_KEY}"}
OTP = {"template_id": msg91.TEMPLATE_ID, "mobile": "919876543210", "otp": "123456"}
FLOW = {
    "template_id": msg91.TEMPLATE_ID,
    "recipients": [
        {"mobiles": "919876543210", "OTP": "123456", "CRQID": "c-1"},
        {"mobiles": "919876543211", "OTP": "123456", "CRQID": "c-2"},
    ],
}


@dataclass(frozen=True, kw_only=True)
class Posted:
    """What came to the backend."""

    path: str
    body: bytes
    headers: Mapping[str, str]


async def exchange(
    path: str, body: Any, *, expected: int, fault: str = ""
) -> tuple[str, Mapping[str, str], list[Posted]]:
    """Post to the stand-in; return its answer and what it reported until as much came."""
    posted: list[Posted] = []
    enough = asyncio.Event()

    async def take(request: web.Request) -> web.Response:
        body = await request.read()
        posted.append(Posted(path=request.path, body=body, headers=request.headers))
        if len(posted) >= expected:
            enough.set()
        return web.json_response({"success": True})

    listener = web.Application()
    listener.router.add_post("/{path:.*}", take)
    ours = await server.start(listener)
    reports = Reports(url=f"http://127.0.0.1:{ours.addresses[0][1]}", after_seconds=0.01)
    app = server.build_app(reports=reports)
    if fault:
        provider = "sendgrid" if "mail" in path else "msg91"
        app[FAULTS_KEY].order(provider=provider, fault=fault, count=None)
    theirs = await server.start(app)
    try:
        async with aiohttp.ClientSession() as session:
            url = f"http://127.0.0.1:{theirs.addresses[0][1]}{path}"
            async with session.post(url, json=body, headers=KEY) as answer:
                said, headers = await answer.text(), dict(answer.headers)
            if expected:
                await asyncio.wait_for(enough.wait(), timeout=10)
            await asyncio.sleep(0.05)
    finally:
        await theirs.cleanup()
        await ours.cleanup()
    return said, headers, posted


@pytest.mark.parametrize(
    ("path", "body", "numbers"),
    [
        ("/api/v5/otp", OTP, ["+919876543210"]),
        ("/api/v5/flow", FLOW, ["+919876543210", "+919876543211"]),
    ],
)
def test_one_for_each_recipient_as_we_read_them(path, body, numbers):
    answer, _, posted = asyncio.run(exchange(path, body, expected=len(numbers)))

    said = json.loads(answer)
    assert {each.path for each in posted} == {f"/integrations/webhooks/msg91/{msg91.REPORT_TOKEN}"}
    found = [reader.parse(each.body, now=timezone.now()) for each in posted]
    reports = sorted((report for (report,) in found), key=lambda report: report.recipient)
    assert [report.recipient for report in reports] == numbers
    request_id = said.get("request_id") or said["message"]
    assert {report.message_ids for report in reports} == {(request_id,)}
    assert {report.state for report in reports} == {"delivered"}
    assert abs((reports[0].at - timezone.now()).total_seconds()) < 10


def test_none_of_what_was_refused():
    answer, _, posted = asyncio.run(exchange("/api/v5/otp", {**OTP, "mobile": "x"}, expected=0))

    assert json.loads(answer)["type"] == "error"
    assert posted == []


def test_a_mail_is_processed_and_delivered_and_signed_for():
    body = calls.mail()
    body["personalizations"][0]["custom_args"] = {"app_msg_id": "mail-1"}

    _, headers, (posted,) = asyncio.run(exchange("/v3/mail/send", body, expected=1))

    now = timezone.now()
    assert posted.path == "/integrations/webhooks/sendgrid"
    assert sendgrid_reader.is_genuine(
        posted.body,
        public_key=PUBLIC_KEY,
        signature=posted.headers[SIGNATURE],
        timestamp=posted.headers[TIMESTAMP],
        now=now,
    )
    first, second = sendgrid_reader.parse(posted.body, now=now)
    assert [first.state, second.state] == ["underway", "delivered"]
    assert first.event_id != second.event_id
    assert second.recipient == "kam@solarium.example"
    assert second.reference == "mail-1"
    assert headers["X-Message-Id"] in second.message_ids


def test_nothing_is_heard_of_a_mail_in_sandbox_mode():
    _, _, posted = asyncio.run(exchange("/v3/mail/send", calls.mail(sandbox=True), expected=0))

    assert posted == []


@pytest.mark.parametrize(("path", "body"), [("/api/v5/otp", OTP), ("/v3/mail/send", calls.mail())])
def test_no_report_is_a_yes_and_then_silence(path, body):
    answer, headers, posted = asyncio.run(exchange(path, body, expected=0, fault="no-report"))

    assert "success" in answer or "X-Message-Id" in headers
    assert posted == []
