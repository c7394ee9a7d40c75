"""The service's settings with an open breaker of a second: half a minute is no setting."""

from __future__ import annotations

from solarium.settings import *  # noqa: F403

BREAKER_OPEN_SECONDS = 1
