"""S22: does the time of an answer tell whether an address or a phone has an account?

Asks a running backend for password resets, logins and codes, known and unknown one in turn, and
prints the medians. Start the backend with RESETS_PER_ADDRESS_HOUR=0 RESETS_PER_IP_HOUR=0
LOGIN_FAILURES_15MIN=0 OTP_COOLDOWN_SECONDS=0 OTP_SENDS_PER_PHONE_10MIN=0 OTP_SENDS_PER_PHONE_HOUR=0
OTP_SENDS_PER_PHONE_DAY=0 OTP_SENDS_PER_IP_10MIN=0 OTP_SENDS_PER_PREFIX_10MIN=0, on this machine
only; the address belongs to staff, the phone to a customer:

    account_enumeration.py http://127.0.0.1:8000 kam@solarium.example +919876543210
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import requests

CALLS = 200
WARM_UP_CALLS = 10
TARGET_PERCENT = 5
FINE = (200, 401)


def main() -> int:
    base, email, phone = sys.argv[1:]
    if urlsplit(base).hostname not in ("127.0.0.1", "localhost"):
        sys.exit("Only a backend on this machine is measured.")
    nobody = "nobody." + email
    no_phone = phone[:-1] + str((int(phone[-1]) + 1) % 10)
    worst = max(
        _apart(
            "reset",
            base + "/integrations/sendEmail",
            lambda to: {"template": "password_reset", "to": to},
            (email, nobody),
        ),
        _apart(
            "login",
            base + "/auth/login",
            lambda to: {"email": to, "password": "not-the-password-1"},
            (email, nobody),
        ),
        _apart(
            "code",
            base + "/integrations/sendOTP",
            lambda to: {"phone": to, "app": "CUSTAP"},
            (phone, no_phone),
        ),
    )
    return 0 if worst < TARGET_PERCENT else 1


def _apart(
    name: str, url: str, body: Callable[[str], dict[str, Any]], pair: tuple[str, str]
) -> float:
    """Ask for the known and the unknown one in turn; return how many percent the medians differ."""
    times: dict[str, list[float]] = {each: [] for each in pair}
    with requests.Session() as session:
        for number in range(CALLS + WARM_UP_CALLS):
            for each in pair if number % 2 else reversed(pair):
                started = time.perf_counter()
                answer = session.post(url, json=body(each), timeout=30)
                if number >= WARM_UP_CALLS:
                    times[each].append(time.perf_counter() - started)
                if answer.status_code not in FINE:
                    sys.exit(f"{url} answered {answer.status_code}.")
    known, unknown = (statistics.median(times[each]) * 1000 for each in pair)
    apart = abs(known - unknown) / max(known, unknown) * 100
    sys.stdout.write(
        f"{name}: known {known:.2f} ms, unknown {unknown:.2f} ms, {apart:.1f} % apart\n"
    )
    return apart


if __name__ == "__main__":
    sys.exit(main())
