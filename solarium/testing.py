"""Fixtures of the whole project."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from api import limits
from integrations import breaker, redact
from otp import demo_numbers

OURS = frozenset(
    ("accounts", "api", "documents", "emails", "integrations", "otp", "sandbox", "solarium")
)
_OF_EVERY_RECORD = frozenset(vars(logging.makeLogRecord({})))
_CODE = re.compile(r"(?<![\w.\-])[0-9]{6}(?![\w.\-])")


class BareLines(logging.Handler):
    """Keeps what our own lines say that scrubbing would have to hide, or that may be a code."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.partition(".")[0] not in OURS:
            return
        extra = {k: v for k, v in vars(record).items() if k not in _OF_EVERY_RECORD}
        said = f"{record.getMessage()} {extra}"
        if redact.scrub(said) != said or _CODE.search(said):
            self.found.append(said)


@pytest.fixture(autouse=True)
def _no_line_needs_scrubbing() -> Iterator[None]:
    """S55: scrubbing is the second net, so nothing may ever fall into it."""
    bare = BareLines()
    logging.getLogger().addHandler(bare)
    yield
    logging.getLogger().removeHandler(bare)
    if bare.found:
        pytest.fail(f"logged in the open: {bare.found}")


@pytest.fixture(autouse=True)
def _fresh_limits() -> Iterator[None]:
    yield
    limits.reset()


@pytest.fixture(autouse=True)
def _no_demo_numbers() -> None:
    """Every test begins as a process that has just read that there are none."""
    demo_numbers.reset()


@pytest.fixture(autouse=True)
def _no_waiting(settings: Any) -> None:
    """Retries happen, their waits do not."""
    settings.PROVIDER_RETRY_WAIT_SECONDS = 0


@pytest.fixture
def second_route(settings: Any) -> Iterator[None]:
    """``SMS_FALLBACK=twilio``, as the settings would have it."""
    settings.SMS_FALLBACK = "twilio"
    settings.PROVIDER_SLOTS = {**settings.PROVIDER_SLOTS, "twilio": 20}
    settings.INTEGRATIONS = {
        **settings.INTEGRATIONS,
        "sms_fallback": {
            "BACKEND": "integrations.clients.twilio.TwilioClient",
            "OPTIONS": {
                "keys": (settings.TWILIO_AUTH_TOKEN,),
                "account_sid": settings.TWILIO_ACCOUNT_SID,
                "api_key_sid": settings.TWILIO_API_KEY_SID,
                "sender": settings.TWILIO_FROM,
                "base_url": settings.TWILIO_BASE_URL,
            },
        },
    }
    yield
    breaker.reset(provider="twilio")


@pytest.fixture
def statements(transactional_db: None) -> Iterator[list[str]]:
    """The SQL statements that a test runs; what begins and ends a transaction left out."""
    seen: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
            seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield seen


@pytest.fixture
def api_client() -> APIClient:
    client = APIClient()
    client.default_format = "json"
    return client
