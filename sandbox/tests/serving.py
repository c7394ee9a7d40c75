"""Servers in a thread of the test process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from aiohttp import web

from sandbox import server
from sandbox.faults import Pace

T = TypeVar("T")


@contextmanager
def listening(app: web.Application) -> Iterator[str]:
    """Serve an application; give its address."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def run(work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, loop).result(timeout=20)

    try:
        runner = run(server.start(app))
        try:
            host, port = runner.addresses[0][:2]
            yield f"http://{host}:{port}"
        finally:
            run(runner.cleanup())
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=20)
        loop.close()


@contextmanager
def serving(**options: Any) -> Iterator[str]:
    """A fresh sandbox whose slow answers are slow for tests only; `build_app` takes the options."""
    pace = Pace(hang_seconds=20, slow_seconds=0.3, drip_seconds=0.012)
    with listening(server.build_app(pace=pace, **options)) as url:
        yield url
