"""How long a provider that hangs may hold a request, wherever that is said or waited for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from integrations import defaults
from solarium import metrics, server

ROOT = Path(__file__).resolve().parents[2]
LONGEST = (
    defaults.PROVIDER_TIMEOUT_SECONDS * (1 + defaults.PROVIDER_RETRIES)
    + defaults.PROVIDER_RETRY_WAIT_SECONDS * defaults.PROVIDER_RETRIES
)


@pytest.mark.parametrize(
    "path",
    [
        "accounts/described.py",
        "client/answers.ts",
        "docs/architecture.md",
        "docs/deploy-azure.md",
        "docs/front-end-guide.md",
        "docs/settings.md",
        "integrations/README.md",
        "otp/described.py",
        "sandbox/console/api.js",
        "solarium/metrics.py",
    ],
)
def test_it_is_said_as_it_is(path):
    assert re.search(rf"\b{LONGEST:g} s(econds)?\b", (ROOT / path).read_text())


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("client/answers.ts", r"\bTIMEOUT_MS = (\d+)_000;"),
        ("sandbox/console/api.js", r"\bTIMEOUT_SECONDS = (\d+);"),
    ],
)
def test_front_ends_wait_longer(path, pattern):
    [seconds] = re.findall(pattern, (ROOT / path).read_text())

    assert int(seconds) > LONGEST


def test_a_server_that_stops_waits_longer():
    assert server.STOP_SECONDS > LONGEST


def test_the_histogram_tells_it_from_what_is_longer():
    assert metrics._REQUEST_SECONDS[-1] > LONGEST
