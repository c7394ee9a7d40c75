"""S22: does the time of an answer tell whether an address has an account?

Asks a running backend for password resets and logins, known and unknown address in turn, and
prints the medians. Start the backend with RESETS_PER_ADDRESS_HOUR=0 RESETS_PER_IP_HOUR=0
LOGIN_FAILURES_15MIN=0, on this machine only:

    python benchmarks/account_enumeration.py http://127.0.0.1:8000 kam@solarium.example
"""

from __future__ import annotations

import statistics
import sys
import time
from urllib.parse import urlsplit

import requests

CALLS = 200
WARM_UP_CALLS = 10
TARGET_PERCENT = 5


def main() -> int:
    base, known = sys.argv[1:]
    if urlsplit(base).hostname not in ("127.0.0.1", "localhost"):
        sys.exit("Only a backend on this machine is measured.")
    unknown = "nobody." + known
    worst = 0.0
    for name, path, body in (
        ("reset", "/integrations/sendEmail", lambda to: {"template": "password_reset", "to": to}),
        ("login", "/auth/login", lambda to: {"email": to, "password": "not-the-password-1"}),
    ):
        times: dict[str, list[float]] = {known: [], unknown: []}
        with requests.Session() as session:
            for number in range(CALLS + WARM_UP_CALLS):
                for address in (known, unknown) if number % 2 else (unknown, known):
                    started = time.perf_counter()
                    answer = session.post(base + path, json=body(address), timeout=30)
                    if number >= WARM_UP_CALLS:
                        times[address].append(time.perf_counter() - started)
                    if answer.status_code not in (200, 401):
                        sys.exit(f"{path} answered {answer.status_code}.")
        medians = [statistics.median(times[address]) * 1000 for address in (known, unknown)]
        apart = abs(medians[0] - medians[1]) / max(medians) * 100
        worst = max(worst, apart)
        sys.stdout.write(
            f"{name}: known {medians[0]:.2f} ms, unknown {medians[1]:.2f} ms, {apart:.1f} % apart\n"
        )
    return 0 if worst < TARGET_PERCENT else 1


if __name__ == "__main__":
    sys.exit(main())
