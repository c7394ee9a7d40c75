"""The console: its files, what it has to know, and what its pages may load."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from aiohttp import web

FOLDER = Path(__file__).with_name("console")
CONFIG_KEY = web.AppKey("console_config", Path)
TYPES: Final = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",  # a browser runs no module of another type
    ".svg": "image/svg+xml",
}
FRESH: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


async def home(request: web.Request) -> web.Response:
    """Lead to the console where there is one, else to the inbox."""
    raise web.HTTPFound("/inbox" if _read_config(request.app) is None else "/console/")


async def lead_in(request: web.Request) -> web.Response:
    """Answer ``GET /console``: names in the page are relative to its folder."""
    raise web.HTTPFound("/console/")


async def show_config(request: web.Request) -> web.Response:
    """Answer ``GET /console/config``: addresses and accounts of this run."""
    config = _read_config(request.app)
    if config is None:
        return web.json_response({"error": "no console is configured"}, status=404, headers=FRESH)
    return web.json_response(config, headers=FRESH)


async def show_file(request: web.Request) -> web.Response:
    """Answer ``GET /console/`` and the files below it."""
    folder = FOLDER.resolve()
    try:
        file = (folder / (request.match_info.get("name") or "index.html")).resolve()
        if not file.is_relative_to(folder) or file.suffix not in TYPES:
            raise web.HTTPNotFound
        body = file.read_bytes()
    except (OSError, ValueError):  # not there; a name that no file can have
        raise web.HTTPNotFound from None
    headers = {**FRESH, "Content-Security-Policy": _policy(_read_config(request.app) or {})}
    return web.Response(
        body=body, content_type=TYPES[file.suffix], charset="utf-8", headers=headers
    )


def _read_config(app: web.Application) -> dict[str, Any] | None:
    """Read anew each time: who started us writes it once the accounts are made."""
    path = app.get(CONFIG_KEY)
    if path is None:
        return None
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _policy(config: dict[str, Any]) -> str:
    backend, storage = _origin(config.get("backendUrl")), _origin(config.get("storageUrl"))
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; "
        f"img-src 'self' blob: data:{storage}; connect-src 'self'{backend}{storage}; "
        f"frame-src 'self' blob:{storage}{backend}; object-src blob:; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    )


def _origin(url: object) -> str:
    """Return an address as one more source of a policy; nothing where there is none."""
    parts = urlsplit(str(url or ""))
    return f" {parts.scheme}://{parts.netloc}" if parts.netloc else ""


ROUTES: Final = (
    web.get("/", home),
    web.get("/console", lead_in),
    web.get("/console/", show_file),
    web.get("/console/config", show_config),
    web.get("/console/{name:.+}", show_file),
)
