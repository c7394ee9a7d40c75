"""What the stand-ins report about messages that they took."""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
from aiohttp import web
from django.utils import timezone

from integrations import gateways
from integrations.gateways import OutgoingMail
from integrations.models import GatewayCall
from integrations.reports import msg91 as sms_reader
from integrations.reports import sendgrid as mail_reader
from integrations.testing import set_option
from sandbox import msg91, sendgrid_events
from sandbox.reports import Reports
from sandbox.tests.calls import mail, order, send_mail
from sandbox.tests.serving import listening, serving

OTP = {"template_id": msg91.TEMPLATE_ID, "mobile": "919876543210", "otp": "123456"}
FLOW = {
    "template_id": msg91.TEMPLATE_ID,
    "recipients": [
        {"mobiles": "919876543210", "OTP": "123456", "CRQID": "c-1"},
        {"mobiles": "919876543211", "OTP": "123456", "CRQID": "c-2"},
    ],
}

LETTER = OutgoingMail(
    to="kam@solarium.example", subject="News", text="Hi", html="<p>Hi", kind="notice", reference="1"
)


@dataclass(frozen=True, kw_only=True)
class Post:
    path: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class World:
    """A sandbox that reports to a backend of the tests."""

    url: str
    posts: queue.Queue[Post] = field(default_factory=queue.Queue)

    def next(self) -> Post:
        return self.posts.get(timeout=10)

    def is_quiet(self) -> bool:
        time.sleep(0.2)  # twenty times as long as a report takes
        return self.posts.empty()


@pytest.fixture
def world() -> Iterator[World]:
    posts: queue.Queue[Post] = queue.Queue()

    async def take(request: web.Request) -> web.Response:
        posts.put(Post(path=request.path, body=await request.read(), headers=request.headers))
        return web.json_response({"success": True})

    backend = web.Application()
    backend.router.add_post("/{path:.*}", take)
    with listening(backend) as address:
        reports = Reports(backend=address + "/", after_seconds=0.01)
        with serving(reports=reports) as url:
            yield World(url=url, posts=posts)


def send(world: World, path: str, body: Mapping[str, Any]) -> Any:
    headers = {"authkey": msg91.AUTH_KEY}
    return requests.post(world.url + path, json=body, headers=headers, timeout=10).json()


class TestMSG91:
    @pytest.mark.parametrize(
        ("path", "body", "numbers"),
        [
            ("/api/v5/otp", OTP, ["+919876543210"]),
            ("/api/v5/flow", FLOW, ["+919876543210", "+919876543211"]),
        ],
    )
    def test_one_for_each_recipient_as_we_read_them(
        self, world: World, path: str, body: Any, numbers: list[str]
    ) -> None:
        said = send(world, path, body)

        posts = [world.next() for _ in numbers]
        assert {post.path for post in posts} == {
            f"/integrations/webhooks/msg91/{msg91.REPORT_TOKEN}"
        }
        found = [sms_reader.parse(post.body, now=timezone.now()) for post in posts]
        reports = sorted((report for (report,) in found), key=lambda report: report.recipient)
        assert [report.recipient for report in reports] == numbers
        request_id = said.get("request_id") or said["message"]
        assert {report.message_ids for report in reports} == {(request_id,)}
        assert {report.state for report in reports} == {"delivered"}
        assert abs((reports[0].at - timezone.now()).total_seconds()) < 10
        assert world.is_quiet()

    def test_none_of_what_was_refused(self, world: World) -> None:
        assert send(world, "/api/v5/otp", {**OTP, "mobile": "x"})["type"] == "error"
        assert world.is_quiet()

    def test_none_while_no_report_is_ordered(self, world: World) -> None:
        order(world.url, "msg91", "no-report", 1)

        assert send(world, "/api/v5/otp", OTP)["type"] == "success"
        assert world.is_quiet()

        send(world, "/api/v5/otp", OTP)
        assert world.next()


class TestSendGrid:
    def test_a_signed_batch_as_we_read_it(self, world: World) -> None:
        letter = mail()
        letter["personalizations"][0]["custom_args"] = {"app_msg_id": "ours"}

        answer = send_mail(world.url, letter)

        post = world.next()
        assert post.path == "/integrations/webhooks/sendgrid"
        reports = mail_reader.parse(post.body, now=timezone.now())
        assert [report.state for report in reports] == ["underway", "delivered"]
        assert len({report.event_id for report in reports}) == 2
        for report in reports:
            assert (report.recipient, report.reference) == ("kam@solarium.example", "ours")
            assert answer.headers["X-Message-Id"] in report.message_ids
            assert abs((report.at - timezone.now()).total_seconds()) < 10
        assert world.is_quiet()

    def test_the_very_bytes_are_signed(self, world: World) -> None:
        send_mail(world.url)
        post = world.next()

        def genuine(body: bytes) -> bool:
            return mail_reader.is_genuine(
                body,
                public_key=sendgrid_events.PUBLIC_KEY,
                signature=post.headers[sendgrid_events.SIGNATURE],
                timestamp=post.headers[sendgrid_events.TIMESTAMP],
                now=timezone.now(),
            )

        assert genuine(post.body)
        assert not genuine(post.body.rstrip())

    def test_every_recipient_has_events(self, world: World) -> None:
        people = [{"to": [{"email": f"{name}@solarium.example"}]} for name in ("kam", "ops")]

        send_mail(world.url, {**mail(), "personalizations": people})

        reports = mail_reader.parse(world.next().body, now=timezone.now())
        assert [report.recipient.partition("@")[0] for report in reports] == [
            *("kam", "kam"),
            *("ops", "ops"),
        ]

    def test_none_in_sandbox_mode_and_of_what_was_refused(self, world: World) -> None:
        assert send_mail(world.url, mail(sandbox=True)).status_code == 200
        assert send_mail(world.url, {**mail(), "subject": ""}).status_code == 400
        order(world.url, "sendgrid", "no-credit", 1)
        assert send_mail(world.url).status_code == 401

        assert world.is_quiet()

    def test_none_while_no_report_is_ordered(self, world: World) -> None:
        order(world.url, "sendgrid", "no-report", 1)

        assert send_mail(world.url).status_code == 202
        assert world.is_quiet()

        send_mail(world.url)
        assert world.next()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_backend_takes_them_over_http(live_server: Any, settings: Any) -> None:
    settings.MSG91_WEBHOOK_TOKEN = [msg91.REPORT_TOKEN]
    settings.SENDGRID_WEBHOOK_PUBLIC_KEY = sendgrid_events.PUBLIC_KEY
    with serving(reports=Reports(backend=live_server.url, after_seconds=0.3)) as url:
        for name in ("sms", "email"):
            set_option(settings, name, base_url=url)

        gateways.send_otp(to="+919876543210", code="314159", app="CUSTAP", reference="otp:1")
        gateways.send_email(mail=LETTER)

        delivered = GatewayCall.objects.filter(delivery="delivered")
        ends_at = time.monotonic() + 10
        while delivered.count() < 2 and time.monotonic() < ends_at:
            time.sleep(0.05)
    assert set(delivered.values_list("provider", flat=True)) == {"msg91", "sendgrid"}
