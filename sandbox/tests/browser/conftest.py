"""The console as people use it: all servers run once, each module has a browser of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from sandbox.tests.browser.chromium import launched
from sandbox.tests.browser.console import Console, Front
from sandbox.tests.browser.watch import Watch
from sandbox.tests.browser.world import World, running

WIDE = {"width": 1280, "height": 900}
PATIENCE_MILLISECONDS = 10_000

expect.set_options(timeout=PATIENCE_MILLISECONDS)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running(tmp_path_factory.mktemp("console")) as found:
        yield found


@pytest.fixture(scope="module")
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
    """Open the console as somebody who was never there; at the end nothing may have gone wrong."""
    contexts: list[BrowserContext] = []

    def open_one(*, viewport: dict[str, int] = WIDE, scheme: str = "light") -> Console:
        context = chromium.new_context(viewport=viewport, color_scheme=scheme, locale="en-GB")
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        watch.follow(page)
        page.goto(f"{world.places.console_url}/console/")
        return Console(page=page, world=world)

    yield open_one
    try:
        watch.assert_nothing_wrong()  # before: what closing breaks off is no fault of the page's
    finally:
        for context in contexts:
            context.close()


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
    front.log_in_by_phone(world.new_phone())
    return front
