"""A sandbox in a thread of the test process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sandbox import server
from sandbox.faults import Pace


@contextmanager
def serving(**options: Any) -> Iterator[str]:
    """A fresh sandbox whose slow answers are slow for tests only; `build_app` takes the options."""
    loop = asyncio.new_event_loop()
    pace = Pace(hang_seconds=20, slow_seconds=0.3, drip_seconds=0.012)
    app = server.build_app(pace=pace, **options)
    runner = loop.run_until_complete(server.start(app))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(timeout=20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=20)
        loop.close()
