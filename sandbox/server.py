"""One process that stands in for MSG91, SendGrid and Twilio, with faults to order and an inbox.

It runs in one event loop: a hanging request costs a socket, not a thread. It listens on this
machine only and writes no log, since codes and reset links pass through it.
"""

from __future__ import annotations

import asyncio
import resource
import signal
from collections.abc import Callable, Collection
from typing import Any

from aiohttp import web

from sandbox import control, inbox, msg91, sendgrid, twilio
from sandbox.control import FAULTS_KEY, INBOX_KEY, KEYS_KEY, read_json
from sandbox.faults import Faults, Pace, happen
from sandbox.keys import Keys
from sandbox.reports import Reports

HOST = "127.0.0.1"
BACKLOG = 4096  # the kernel may cap it at net.core.somaxconn
OPEN_FILES = 65536
MAX_BODY_BYTES = 30 * 1024 * 1024  # SendGrid's limit of a mail
SHUTDOWN_SECONDS = 0.5

REPORTS_KEY = web.AppKey("reports", Reports)


def build_app(*, pace: Pace | None = None, reports: Reports | None = None) -> web.Application:
    """Make the application with an empty inbox, no faults and one key for each provider."""
    app = web.Application(client_max_size=MAX_BODY_BYTES)
    app[FAULTS_KEY] = Faults(pace=pace or Pace())
    app[INBOX_KEY] = inbox.Inbox()
    app[KEYS_KEY] = Keys()
    if reports is not None:
        app[REPORTS_KEY] = reports
        app.cleanup_ctx.append(reports.run)
    app.router.add_get("/", control.home)
    app.router.add_get("/inbox", control.show_inbox)
    app.router.add_get("/faults", control.show_faults)
    app.router.add_post("/faults", control.order_fault)
    app.router.add_delete("/faults", control.clear_faults)
    app.router.add_post("/keys", control.change_keys)
    app.router.add_delete("/keys", control.change_keys)
    for slash in ("", "/"):  # most code posts to /flow/
        app.router.add_post(f"/api/v5/otp{slash}", _msg91)
        app.router.add_post(f"/api/v5/flow{slash}", _msg91)
    app.router.add_post("/api/v5/sms/getTemplateVersions", _template_versions)
    app.router.add_get("/api/v5/otp/verify", _verify_otp)
    app.router.add_post("/v3/mail/send", _send_mail)
    app.router.add_get("/v3/scopes", _scopes)
    app.router.add_post("/2010-04-01/Accounts/{sid}/Messages.json", _twilio)
    app.router.add_route("*", "/api/{rest:.*}", _no_route)
    app.router.add_route("*", "/v3/{rest:.*}", _not_found)
    return app


async def start(app: web.Application, *, host: str = HOST, port: int = 0) -> web.AppRunner:
    """Listen; port 0 takes a free one. The caller ends it with ``cleanup()``.

    Raises:
        OSError: The port is taken.
    """
    _raise_open_files()
    runner = web.AppRunner(
        app,
        access_log=None,
        handler_cancellation=True,  # a client that gave up frees its hanging request
        shutdown_timeout=SHUTDOWN_SECONDS,
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, backlog=BACKLOG).start()
    except OSError:
        await runner.cleanup()
        raise
    return runner


async def serve(*, port: int, ready: Callable[[str], None], report_to: str = "") -> None:
    """Serve until SIGINT or SIGTERM; ``ready`` gets the address.

    Args:
        report_to: Where MSG91's delivery reports are posted; empty for nowhere.

    Raises:
        OSError: The port is taken.
    """
    reports = Reports(url=report_to) if report_to else None
    runner = await start(build_app(reports=reports), port=port)
    stopped = asyncio.Event()
    for signum in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signum, stopped.set)
    ready(f"http://{HOST}:{port}")
    try:
        await stopped.wait()
    finally:
        await runner.cleanup()


def _raise_open_files() -> None:
    """Allow as many sockets as the system lets us: a thousand hanging requests need them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def _answer(
    request: web.Request, provider: str, answer: Callable[[], web.Response]
) -> web.Response:
    faults = request.app[FAULTS_KEY]
    fault = faults.take(provider=provider)
    if fault is None:
        return answer()
    return await happen(
        faults=faults, provider=provider, fault=fault, request=request, answer=answer
    )


async def _msg91(request: web.Request) -> web.Response:
    body = await read_json(request)
    fields: dict[str, Any] = {**request.query, **(body if isinstance(body, dict) else {})}
    verdict = msg91.flow if "/flow" in request.path else msg91.otp
    key, taken = _authkey(request)
    box = request.app[INBOX_KEY]

    def answer() -> web.Response:
        given = verdict(key=key, taken=taken, fields=fields, inbox=box)
        if REPORTS_KEY in request.app:
            request.app[REPORTS_KEY].after(given, fields)
        return given

    return await _answer(request, "msg91", answer)


async def _template_versions(request: web.Request) -> web.Response:
    body = await read_json(request)
    fields = body if isinstance(body, dict) else {}
    key, taken = _authkey(request)
    return await _answer(
        request, "msg91", lambda: msg91.template_versions(key=key, taken=taken, fields=fields)
    )


async def _verify_otp(request: web.Request) -> web.Response:
    key, taken = _authkey(request)
    return await _answer(request, "msg91", lambda: msg91.verify(key=key, taken=taken))


def _authkey(request: web.Request) -> tuple[str, Collection[str]]:
    return request.headers.get("authkey", "").strip(), request.app[KEYS_KEY].taken["msg91"]


def _rights(request: web.Request) -> list[str] | None:
    """Return what the key of a request to SendGrid may do; None where it is not known."""
    key = sendgrid.key_of(request.headers.get("Authorization", ""))
    return request.app[KEYS_KEY].taken["sendgrid"].get(key)


async def _send_mail(request: web.Request) -> web.Response:
    mail = await read_json(request)

    def answer() -> web.Response:
        rights = _rights(request)
        if rights is None:
            return sendgrid.unauthorized()
        if "mail.send" not in rights:
            return sendgrid.forbidden()
        if request.content_type != "application/json":
            return sendgrid.error(415, "unsupported media type")
        return sendgrid.send(mail=mail, inbox=request.app[INBOX_KEY])

    return await _answer(request, "sendgrid", answer)


async def _scopes(request: web.Request) -> web.Response:
    rights = _rights(request)
    return await _answer(
        request,
        "sendgrid",
        sendgrid.unauthorized if rights is None else lambda: sendgrid.scopes(rights),
    )


async def _twilio(request: web.Request) -> web.Response:
    form = await request.post()
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    return await _answer(
        request,
        "twilio",
        lambda: twilio.send(
            account_sid=request.match_info["sid"],
            credentials=twilio.key_of(request.headers.get("Authorization", "")),
            taken=request.app[KEYS_KEY].taken["twilio"],
            fields=fields,
            inbox=request.app[INBOX_KEY],
        ),
    )


async def _no_route(request: web.Request) -> web.Response:
    return web.json_response({"type": "error", "msg": "Route Missing"}, status=404)


async def _not_found(request: web.Request) -> web.Response:
    return sendgrid.error(404, "not found")
