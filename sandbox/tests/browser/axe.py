"""Reads a page as axe-core does: whether people with a screen reader or weak eyes can use it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

SCRIPT = Path(__file__).resolve().parents[3] / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")

# Frames hold mails and files, which are not the page's own words. A color that is still
# fading in or out is none that a person reads, so the animations are ended first.
RUN = """
async () => {
  for (const animation of document.getAnimations()) {
    try { animation.finish(); } catch { /* one that runs for ever has no end */ }
  }
  const found = await axe.run(document, {iframes: false, resultTypes: ["violations"]});
  return {url: found.url, read: found.passes.length, violations: found.violations};
}
"""


def assert_no_grave_fault(page: Page) -> None:
    """Assert that axe-core finds nothing serious or critical.

    The message names the rule, where it is broken and the page that explains it.
    """
    page.evaluate(_source())
    found = page.evaluate(RUN)
    assert found["read"] > 0, f"axe-core read nothing on {found['url']}"
    faults = [
        _sentence(violation, node)
        for violation in found["violations"]
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]
    assert not faults, f"{found['url']}:\n" + "\n".join(faults)


@cache
def _source() -> str:
    return SCRIPT.read_text(encoding="utf-8")


def _sentence(violation: dict[str, Any], node: dict[str, Any]) -> str:
    why = node["failureSummary"].splitlines()[-1].strip()
    target = " ".join(str(part) for part in node["target"])
    return f"{violation['impact']} {violation['id']} at {target}: {why} ({violation['helpUrl']})"
