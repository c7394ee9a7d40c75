"""Where the processor time of the hot paths goes: one thread, no server, no waiting counted.

Runs Solarium's WSGI application in this process, against a fresh PostgreSQL database, Redis, and a
gateway that answers at once. Prints CPU time and SQL statements a request, and for each path the
share of every package under the profiler (which makes small functions look dearer than they are).

    .venv/bin/python benchmarks/hot_paths.py
    .venv/bin/python benchmarks/hot_paths.py --functions 20
"""

from __future__ import annotations

import cProfile
import itertools
import json
import pstats
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from harness import command_line, in_process, servers, tables
from harness.databases import fresh_database, own_cache
from harness.paths import ROOT
from harness.tables import say

CODE, JSON = "271828", "application/json"
Call = Callable[[], None]


def main() -> int:
    parser = command_line.parser(__doc__)
    parser.add_argument("--quick", action="store_true", help="100 requests a path, not 1000")
    parser.add_argument("--functions", type=int, default=0, help="also the N dearest functions")
    given = parser.parse_args()
    with (
        fresh_database(purpose="hot_paths") as database,
        own_cache() as cache_url,
        servers.gateway(delay_ms=0) as gateway,
    ):
        environment = servers.solarium_environment(
            database=database, cache_url=cache_url, gateway_url=gateway.url
        )
        # As in production: counting costs a round trip to the cache or the database.
        environment |= dict.fromkeys(
            (
                *("OTP_SENDS_PER_IP_10MIN", "OTP_VERIFIES_PER_IP_10MIN", "SAS_PER_USER_10MIN"),
                *("OTP_SENDS_PER_MINUTE", "OTP_SENDS_PER_PREFIX_10MIN"),
            ),
            "1000000",
        )
        servers.migrate_solarium(environment)
        application = in_process.application(environment)
        measure(application, requests=100 if given.quick else 1000, functions=given.functions)
    return 0


def measure(application: Any, *, requests: int, functions: int) -> None:
    """Print the table of the paths and one of the packages in each."""
    paths = make_paths(application)
    shares: dict[str, dict[str, float]] = {}
    rows = []
    for name, call in paths.items():
        say(name)
        for _ in range(50):
            call()
        statements = count_statements(call)
        started = time.process_time()
        for _ in range(requests):
            call()
        rows.append([name, (time.process_time() - started) / requests * 1e6, statements])
        shares[name] = profile(call, requests=requests // 4, functions=functions)
    sys.stdout.write(tables.machine() + "\n\n")
    sys.stdout.write(tables.markdown(header=("path", "CPU µs", "SQL statements"), rows=rows) + "\n")
    packages = sorted(shares["sendOTP"], key=lambda name: -shares["sendOTP"][name])
    sys.stdout.write(
        tables.markdown(
            header=("share of the profile, %", *shares),
            rows=[[name, *(shares[path].get(name, 0.0) for path in shares)] for name in packages],
        )
    )


def make_paths(application: Any) -> dict[str, Call]:
    """Return the paths, each ready to be asked again and again."""
    from django.conf import settings
    from harness import seed

    from otp import codes

    codes.make_code = lambda: CODE  # what was sent must be known here
    settings.OTP_VALID_SECONDS = 3600  # all are sent before the first is proved
    phones = itertools.count(9000000000, 10007)  # each of a prefix of its own
    token = seed.make_token()
    sent: list[str] = []

    def get(path: str, **headers: str) -> Call:
        return lambda: in_process.ask(application, "GET", path, **headers) and None

    def post(path: str, body: object) -> bytes:
        return in_process.ask(
            application, "POST", path, body=json.dumps(body).encode(), CONTENT_TYPE=JSON
        )

    def send() -> None:
        answer = post("/integrations/sendOTP", {"phone": f"+91{next(phones)}", "app": "CUSTAP"})
        sent.append(json.loads(answer)["challengeId"])

    def verify() -> None:
        post("/integrations/verifyOTP", {"challengeId": sent.pop(), "otp": CODE})

    return {
        "sendOTP": send,
        "verifyOTP, new customer": verify,
        "SAS": get("/documents/sas?docType=KYC", HTTP_AUTHORIZATION=token),
        "/auth/me": get("/auth/me", HTTP_AUTHORIZATION=token),
        "/healthz": get("/healthz"),
    }


def count_statements(call: Call) -> int:
    """Return how many SQL statements a request runs, not counting BEGIN and COMMIT."""
    from django.db import connection

    seen: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        call()
    return len(seen)


def profile(call: Call, *, requests: int, functions: int) -> dict[str, float]:
    """Return each package's share of the time spent, waiting left out, in percent."""
    profiler = cProfile.Profile(time.process_time)
    profiler.enable()
    for _ in range(requests):
        call()
    profiler.disable()
    stats = pstats.Stats(profiler, stream=sys.stderr)
    if functions:
        stats.sort_stats("tottime").print_stats(functions)
    times: dict[str, float] = defaultdict(float)
    for (file, _line, function), (_calls, _primitive, own, _cumulative, callers) in (
        stats.stats.items()  # type: ignore[attr-defined]
    ):
        times[package_of(file, function, callers)] += own
    total = sum(times.values())
    return {name: own / total * 100 for name, own in times.items()}


def package_of(file: str, function: str, callers: dict[tuple[str, int, str], Any]) -> str:
    """Name whom a function's time belongs to; a built-in's belongs to its most frequent caller."""
    if file == "~" and callers:
        file = max(callers, key=lambda caller: callers[caller][2])[0]
    if match := re.search(r"site-packages/(django/db|[^/]+)", file):
        return match[1]
    if str(ROOT) in file:
        return file.removeprefix(f"{ROOT}/").split("/")[0]
    return "Python's own library"


if __name__ == "__main__":
    sys.exit(main())
