"""The service's settings, but for the one wait that no environment name shortens."""

from __future__ import annotations

import os

from solarium.settings import *  # noqa: F403

BREAKER_OPEN_SECONDS = float(os.environ["TEST_BREAKER_OPEN_SECONDS"])
