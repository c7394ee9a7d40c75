"""The console as people use it: all servers and the browser are started once for all tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from sandbox.local.phones import some_phone
from sandbox.tests.browser.chromium import launched, windows
from sandbox.tests.browser.console import Console, Front
from sandbox.tests.browser.watch import Watch
from sandbox.tests.browser.world import World, running

PATIENCE_MILLISECONDS = 10_000

expect.set_options(timeout=PATIENCE_MILLISECONDS)


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running(tmp_path_factory.mktemp("console")) as found:
        yield found


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def watch(world: World) -> Watch:
    """A page that goes wrong in a way that the test did not expect fails the test."""
    places = world.places
    return Watch(origins=(places.console_url, places.backend_url, places.storage_url))


@pytest.fixture
def open_console(chromium: Browser, world: World, watch: Watch) -> Iterator[Callable[..., Console]]:
    """Open the console as somebody who was never there."""
    clipboard = ["clipboard-read", "clipboard-write"]
    with windows(chromium, watch, permissions=clipboard) as open_window:

        def open_one(**look: Any) -> Console:
            page = open_window(**look)
            page.set_default_timeout(PATIENCE_MILLISECONDS)
            page.goto(f"{world.places.console_url}/console/")
            return Console(page=page, world=world)

        yield open_one


@pytest.fixture
def faults(world: World) -> Iterator[World]:
    """Faults may be ordered; afterwards everything works again, also the breakers."""
    yield world
    world.end_faults()


@pytest.fixture
def console(open_console: Callable[..., Console]) -> Console:
    """The console in a wide window."""
    return open_console()


@pytest.fixture
def custap(console: Console, world: World) -> Front:
    """CUSTAP with a new customer logged in."""
    front = console.open("CUSTAP")
    front.log_in_by_phone(some_phone())
    return front
