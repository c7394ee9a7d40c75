"""The stand-ins on a free port, in a thread of the test process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from sandbox import server
from sandbox.faults import Pace


@pytest.fixture
def sandbox_url() -> Iterator[str]:
    """A fresh sandbox whose slow answers are slow for tests only."""
    loop = asyncio.new_event_loop()
    pace = Pace(hang_seconds=20, slow_seconds=0.3, drip_seconds=0.012)
    runner = loop.run_until_complete(server.start(server.build_app(pace=pace)))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    host, port = runner.addresses[0][:2]
    yield f"http://{host}:{port}"
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(timeout=20)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(timeout=20)
    loop.close()
