"""The backend's settings, but for a wait that no environment name shortens."""

from __future__ import annotations

from solarium.settings import *  # noqa: F403

BREAKER_OPEN_SECONDS = 3  # a person waits half a minute, a test need not
