from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection

from documents.tests.conftest import BLOBS, CONNECTION_STRING
from integrations.testing import set_option
from solarium.settings import limits
from solarium.tests.fuzz.world import Fuzzed, make_fuzzed

# Cases are made when their file is collected; they run on PostgreSQL only.
collect_ignore = (
    [] if connection.vendor == "postgresql" else ["test_fuzz.py", "test_fuzz_in_order.py"]
)

LIMITS = [
    name
    for name in dir(limits)
    if "_PER_" in name or name in ("LOGIN_FAILURES_15MIN", "OTP_WRONG_CODES_IN_A_ROW")
]


@pytest.fixture
def _providers(wire: Any, settings: Any) -> None:
    """All three accept what comes, at the wire; every second blob is there."""
    set_option(settings, "blob", connection_string=CONNECTION_STRING, container="docs")
    wire.msg91_accepts()
    wire.sendgrid_accepts()
    found = {"Content-Length": "4", "ETag": '"0x8D1"', "Content-Type": "application/pdf"}
    some, whole = re.compile(re.escape(BLOBS) + ".*[0-7].pdf"), {"Content-Range": "bytes 0-3/4"}
    wire.mock.head(some, headers=found)
    wire.mock.get(some, status=206, body=b"%PDF", headers={**found, **whole})
    for method in (wire.mock.head, wire.mock.get):
        missing = {"x-ms-error-code": "BlobNotFound"}
        method(re.compile(re.escape(BLOBS)), status=404, headers=missing)
    wire.mock.delete(re.compile(re.escape(BLOBS)), status=202)


@pytest.fixture
def _no_limits(settings: Any) -> None:
    for name in LIMITS:
        setattr(settings, name, 0)
    settings.OTP_COOLDOWN_SECONDS = []
    # Thousands of logins: how slow a password is to check is not what is tested here.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def fuzzed(caller: str, db: None, _no_limits: None, _providers: None) -> Iterator[Fuzzed]:
    """The world of one caller; requests do not end its transaction, as with Django's client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield make_fuzzed(caller)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
