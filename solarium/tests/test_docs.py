"""Docs that tests compare with the code cannot go stale unseen."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SETTINGS_PAGE = (ROOT / "docs" / "settings.md").read_text()
APPS = ("solarium", "otp", "documents", "accounts", "emails", "api", "integrations")


def found_in_code(pattern: str) -> set[str]:
    """Return what a pattern finds in the apps' own files, tests left out."""
    files = [path for app in APPS for path in (ROOT / app).rglob("*.py")]
    texts = [path.read_text() for path in files if "tests" not in path.parts]
    return {match for text in texts for match in re.findall(pattern, text)}


@pytest.mark.parametrize(
    ("what", "pattern", "least"),
    [
        ("environment name", r'\be\.\w+\(\s*"([A-Z][A-Z0-9_]+)"', 40),
        ("system check", r'id="((?:integrations|solarium)\.[EW]\d{3})"', 10),
        ("problem code", r'code="([a-z_]+_[a-z_]+)"', 10),
    ],
)
def test_everything_is_documented(what, pattern, least):
    names = found_in_code(pattern)

    assert len(names) >= least
    missing = sorted(name for name in names if f"`{name}`" not in SETTINGS_PAGE)
    assert not missing, f"docs/settings.md lacks the {what} of: {missing}"


def test_links_between_docs_exist():
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    links = [
        (page, link)
        for page in pages
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
    ]

    assert len(links) > 10
    for page, link in links:
        assert (page.parent / link).exists(), f"{page.name}: {link}"
