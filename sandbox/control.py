"""What a person orders of the stand-ins, beside the providers' own paths: inbox, faults, keys."""

from __future__ import annotations

import json
from typing import Final

from aiohttp import web

from sandbox import inbox
from sandbox.faults import FAULTS, Faults
from sandbox.keys import Keys

FAULTS_KEY = web.AppKey("faults", Faults)
INBOX_KEY = web.AppKey("inbox", inbox.Inbox)
KEYS_KEY = web.AppKey("keys", Keys)


async def show_inbox(request: web.Request) -> web.Response:
    """Answer ``GET /inbox``: a page for people, JSON for programs; ``to`` picks a recipient."""
    to = request.query.get("to", "").strip()
    messages = request.app[INBOX_KEY].find(to=to)
    accepts_json = "application/json" in request.headers.get("Accept", "")
    if request.query.get("format") == "json" or accepts_json:
        return inbox.as_json(messages)
    return inbox.as_page(messages, to=to)


async def show_mail(request: web.Request) -> web.Response:
    """Answer ``GET /inbox/{id}/mail``: a mail as its reader sees it, to stand in a frame."""
    message = request.app[INBOX_KEY].get(request.match_info["id"])
    if message is None or not message.html:
        raise web.HTTPNotFound
    return inbox.as_mail(message)


async def show_faults(request: web.Request) -> web.Response:
    """Answer ``GET /faults``."""
    return web.json_response(request.app[FAULTS_KEY].as_json())


async def order_fault(request: web.Request) -> web.Response:
    """Answer ``POST /faults``."""
    body = await read_json(request)
    if not isinstance(body, dict) or not {"provider", "fault"} <= body.keys() <= {
        "provider",
        "fault",
        "count",
    }:
        return _refuse('the body is {"provider": …, "fault": …, "count": n or null}')
    try:
        request.app[FAULTS_KEY].order(
            provider=body["provider"], fault=body["fault"], count=body.get("count")
        )
    except ValueError as err:
        return _refuse(str(err))
    return await show_faults(request)


async def clear_faults(request: web.Request) -> web.Response:
    """Answer ``DELETE /faults``; ``provider`` picks one."""
    provider = request.query.get("provider")
    if provider is not None and provider not in FAULTS:
        return _refuse(f"provider must be one of: {', '.join(FAULTS)}")
    request.app[FAULTS_KEY].clear(provider=provider)
    return await show_faults(request)


async def change_keys(request: web.Request) -> web.Response:
    """Answer ``POST`` and ``DELETE /keys``: what the providers take from now on."""
    try:
        request.app[KEYS_KEY].change(await read_json(request), taken=request.method == "POST")
    except ValueError as err:
        return _refuse(str(err))
    return web.json_response({"success": True})


def _refuse(detail: str) -> web.Response:
    return web.json_response({"error": detail}, status=400)


async def read_json(request: web.Request) -> object:
    """Return the parsed body, None when it is no JSON."""
    try:
        parsed: object = json.loads(await request.read())
    except (ValueError, RecursionError):
        return None
    return parsed


ROUTES: Final = (
    web.get("/inbox", show_inbox),
    web.get("/inbox/{id}/mail", show_mail),
    web.get("/faults", show_faults),
    web.post("/faults", order_fault),
    web.delete("/faults", clear_faults),
    web.post("/keys", change_keys),
    web.delete("/keys", change_keys),
)
