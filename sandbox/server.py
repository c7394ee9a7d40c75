"""One process that stands in for all providers, with faults to order and an inbox.

It runs in one event loop: a hanging request costs a socket, not a thread. It listens on this
machine only, unless told otherwise, and writes no log: codes and reset links pass through it.
"""

from __future__ import annotations

import asyncio
import resource
import signal
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from sandbox import console_pages, control, inbox, providers
from sandbox.console_pages import CONFIG_KEY
from sandbox.control import FAULTS_KEY, INBOX_KEY, KEYS_KEY
from sandbox.faults import Faults, Pace
from sandbox.keys import Keys
from sandbox.reports import REPORTS_KEY, Reports
from sandbox.storage import STORAGE_KEY, Relay

HOST = "127.0.0.1"
BACKLOG = 4096  # the kernel may cap it at net.core.somaxconn
OPEN_FILES = 65536
MAX_BODY_BYTES = 30 * 1024 * 1024  # SendGrid's limit of a mail
SHUTDOWN_SECONDS = 0.5


def build_app(
    *,
    pace: Pace | None = None,
    reports: Reports | None = None,
    config: Path | None = None,
    storage: str = "",
) -> web.Application:
    """Make the application with an empty inbox, no faults and one key for each provider.

    Args:
        config: The file with what the console has to know; it may be written later.
        storage: Azurite's address; empty: no storage stands here.
    """
    app = web.Application(client_max_size=MAX_BODY_BYTES)
    app[FAULTS_KEY] = Faults(pace=pace or Pace())
    app[INBOX_KEY] = inbox.Inbox()
    app[KEYS_KEY] = Keys()
    if reports is not None:
        app[REPORTS_KEY] = reports
        app.cleanup_ctx.append(reports.run)
    if config is not None:
        app[CONFIG_KEY] = config
    app.add_routes([*console_pages.ROUTES, *control.ROUTES, *providers.ROUTES])
    if storage:
        app[STORAGE_KEY] = Relay(url=storage)
        app.cleanup_ctx.append(app[STORAGE_KEY].run)
        app.add_routes(providers.STORAGE_ROUTES)
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


async def serve(
    *,
    host: str,
    port: int,
    ready: Callable[[str], None],
    report_to: str = "",
    config: Path | None = None,
    storage: str = "",
) -> None:
    """Serve until SIGINT or SIGTERM; ``ready`` gets the address.

    Args:
        report_to: The backend, to whose webhooks delivery reports go; empty for nowhere.
        config: As `build_app` takes it, and so ``storage``.

    Raises:
        OSError: The port is taken.
    """
    reports = Reports(url=report_to) if report_to else None
    app = build_app(reports=reports, config=config, storage=storage)
    runner = await start(app, host=host, port=port)
    stopped = asyncio.Event()
    for signum in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signum, stopped.set)
    ready(f"http://{host}:{port}")
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
