"""What holds where a project's settings say nothing: each number once, with its unit (ADR 0022).

`integrations.conf` reads a setting of the same name first; the last part are options of clients.
A project may take its own defaults from here. None has ``FINGERPRINT_KEY``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

INTEGRATIONS: Final[Mapping[str, Mapping[str, Any]]] = {}  # nobody is asked

# --- One attempt, and how often ------------------------------------------------------------------
PROVIDER_CONNECT_TIMEOUT_SECONDS: Final = 3.0  # name and connect
PROVIDER_TIMEOUT_SECONDS: Final = 5.0  # the whole attempt, by the wall clock
PROVIDER_RETRIES: Final = 2  # after timeout, connection error or 5xx
PROVIDER_RETRY_WAIT_SECONDS: Final = 2.0  # between two attempts

# --- Breaker, slots, turns -----------------------------------------------------------------------
BREAKER_FAILURES: Final = 5  # attempts that failed in a row, over all processes
BREAKER_WINDOW_SECONDS: Final = 30  # within which they must lie
BREAKER_OPEN_SECONDS: Final = 30  # then one probe
PROVIDER_SLOTS: Final[Mapping[str, int]] = {}  # by provider; one that is not named has the next
SLOTS_PER_PROVIDER: Final = 20  # calls under way at once per process
SLOT_WAIT_SECONDS: Final = 0.2  # for a free one
# Threads of a process that compute at once; the others wait for their turn or for a provider
# (integrations/turns.py). Eight keep one core busy while some wait for the database; 16 took a
# third more processor time at 600 users.
WORKING_THREADS: Final = 8

# --- Alerts --------------------------------------------------------------------------------------
ALERT_FAILURES_PER_MINUTE: Final = 10  # failed calls of one provider in a sliding minute
ALERT_WEBHOOK_URL: Final = ""  # nowhere

# --- Keys, reports, storage ----------------------------------------------------------------------
KEY_ENCRYPTION_KEYS: Final[tuple[str, ...]] = ()  # rotate_key stores nothing without one
OTP_PEPPERS: Final[tuple[str, ...]] = ()
MSG91_WEBHOOK_TOKEN: Final[tuple[str, ...]] = ()  # no reports are taken
SENDGRID_WEBHOOK_PUBLIC_KEY: Final = ""  # no reports are taken
CORS_ALLOWED_ORIGINS: Final[tuple[str, ...]] = ()  # no browser may upload or download
AZURE_SOFT_DELETE_DAYS: Final = 30

# --- Options of the clients ----------------------------------------------------------------------
MSG91_BASE_URL: Final = "https://control.msg91.com"
MSG91_API: Final = "otp"  # or "flow"
MSG91_FLOW_VARIABLE: Final = "OTP"  # the template's, of a flow
SENDGRID_BASE_URL: Final = "https://api.sendgrid.com"
TWILIO_BASE_URL: Final = "https://api.twilio.com"
AZURE_STORAGE_CONTAINER: Final = "docs"
AZURE_SAS_PROTOCOL: Final = "https"  # or "https,http"
