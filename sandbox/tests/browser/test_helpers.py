"""What finds the faults of pages finds planted ones."""

from __future__ import annotations

import re

import pytest

from sandbox.tests.browser.axe import assert_no_grave_fault
from sandbox.tests.browser.watch import Watch

pytestmark = pytest.mark.slow

NOWHERE = "http://127.0.0.1:9/"

PAGE = """
<!doctype html><html lang="en"><title>Planted</title>
<main><h1>Planted</h1><p style="color:#999">Pale</p><button></button></main></html>
"""


@pytest.fixture
def page(chromium):
    with chromium.new_context() as context:
        yield context.new_page()


def test_planted_faults_of_a_page_are_named(page):
    page.set_content(PAGE)

    with pytest.raises(AssertionError) as caught:
        assert_no_grave_fault(page)

    lines = str(caught.value).splitlines()[1:]
    assert [re.split(r" at |: ", line)[:2] for line in sorted(lines)] == [
        ["critical button-name", "button"],
        ["serious color-contrast", "p"],
    ]
    assert all("https://dequeuniversity.com/rules/axe/" in line for line in lines)


def test_what_a_page_may_not_do_is_seen(page, sandbox_url):
    watch = Watch(origins=(sandbox_url,))
    watch.follow(page)
    page.set_content(f'<img src="{NOWHERE}" alt="">')
    page.goto(f"{sandbox_url}/inbox")
    page.evaluate(f"fetch('{NOWHERE}').catch(() => {{}})")
    page.evaluate("new Promise((go) => setTimeout(() => { go(); throw new Error('planted') }))")

    for kind in ("foreign: ", "failed: GET ", "console: .*Content Security Policy", "error: plant"):
        with pytest.raises(AssertionError, match=f"(?m)^{kind}"):
            watch.assert_nothing_wrong()
    watch.expect("^(foreign|failed): .*127.0.0.1:9/", "^console: .*127.0.0.1:9/")
    with pytest.raises(AssertionError, match="^error: planted$"):
        watch.assert_nothing_wrong()
