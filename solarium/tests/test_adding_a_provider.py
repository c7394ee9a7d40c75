"""The worked example of ``docs/adding-a-provider.md`` names exactly the files that it touches."""

from __future__ import annotations

import re
from pathlib import Path

from integrations import defaults

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "adding-a-provider.md").read_text()
NAMES = re.compile(r"\btwilio(?:\b|_)|TwilioClient|\bTWILIO_")


def listed():
    rows = [line for line in PAGE.splitlines() if re.match(r"\| \d \| \[", line)]
    return {path for row in rows for path in re.findall(r"\[`([^`]+)`\]", row)}


def test_every_listed_file_knows_the_example():
    assert len(listed()) > 10
    assert not [path for path in listed() if not NAMES.search((ROOT / path).read_text())]


def test_every_file_that_knows_the_example_is_listed():
    apps = ("accounts", "api", "documents", "emails", "integrations", "otp", "sandbox", "solarium")
    files = [path for app in apps for path in (ROOT / app).rglob("*.py")]
    touched = {
        str(path.relative_to(ROOT))
        for path in files
        if "tests" not in path.parts and NAMES.search(path.read_text())
    }

    assert touched == {path for path in listed() if path.endswith(".py")}


def test_the_slots_of_a_provider_that_is_not_named():
    assert f"slots ({defaults.SLOTS_PER_PROVIDER} calls a process " in PAGE
