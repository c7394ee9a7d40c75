"""sendOTP, verifyOTP and SAS under load, side by side with three others.

50 and 600 users at once, each asking again as soon as it was answered; the SMS gateway takes
100 ms. Solarium as in production against a bare DRF project with as many statements, better-auth's
phone-number plugin on Node, and django-phone-verify: the same PostgreSQL, the same gateway, two
processes each, sixteen connections a process. One server runs at a time, all in turn, round after
round; ratios are taken within a round, and what is shown are medians over the rounds.

    .venv/bin/python benchmarks/otp_load.py
    .venv/bin/python benchmarks/otp_load.py --quick

A quick run shows that all works; its figures at 600 users are those of the first rush. Ends with 1
where a target was missed.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from harness import contenders, load, otp_report, peers, servers, tables
from harness.command_line import is_quick
from harness.contenders import Contender
from harness.databases import watch_connections
from harness.load import Load
from harness.otp_report import Measured, Run
from harness.paths import working_directory
from harness.processes import Server, settle
from harness.tables import say

GATEWAY_MS = 100
WARM_UP_SECONDS = 1  # before each operation's first run: imports, connections, compilers
SPARE_CODES = 1.1  # wrk's two threads do not take equally many
MOST_ROUNDS = 3
MOST_SECONDS = 360  # no round begins that would end later


@dataclass(frozen=True)
class Scenario:
    """One kind of request by so many users, for so many seconds; 0 leaves it out of a quick run.

    With 600 users a send takes seconds: a run must be much longer, since wrk forgets who still
    waits at the end, and the first rush of all at once is not what goes on.
    """

    operation: str
    users: int
    seconds: int
    quick_seconds: int


SCENARIOS = (
    Scenario("sendOTP", 50, 3, 1),
    Scenario("sendOTP", 600, 12, 4),
    Scenario("verifyOTP", 50, 2, 1),
    Scenario("verifyOTP", 600, 3, 0),
    Scenario("SAS", 50, 2, 1),
    Scenario("SAS", 600, 2, 0),
)


def main() -> int:
    quick = is_quick(__doc__, meaning="one short round, about a minute")
    load.install_wrk()
    say("installing what the peers need")
    peers.install()
    with ExitStack() as stack:
        gateway = stack.enter_context(servers.gateway(delay_ms=GATEWAY_MS))
        say("making databases")
        ours = stack.enter_context(contenders.solarium(gateway_url=gateway.url))
        everyone = [
            ours.contender,
            stack.enter_context(
                peers.floor(gateway_url=gateway.url, send_statements=ours.send_statements)
            ),
            stack.enter_context(peers.better_auth(gateway_url=gateway.url)),
            stack.enter_context(peers.phone_verify(gateway_url=gateway.url)),
        ]
        done = _measure_rounds(everyone, rounds=1 if quick else MOST_ROUNDS, quick=quick)
    names = [contender.name for contender in everyone]
    sys.stdout.write(f"{tables.machine()}\n\n")
    sys.stdout.write(
        f"Rounds: {done.rounds}; gateway {GATEWAY_MS} ms; our sendOTP runs {ours.send_statements}"
        " statements. p50 to p99 in milliseconds; CPU: processor milliseconds of the server's own"
        " processes for a request; bad: answers from 400 on, all rounds together.\n\n"
    )
    sys.stdout.write(otp_report.figures(done, names=names) + "\n")
    targets = otp_report.targets(done, names=names)
    sys.stdout.write(targets)
    return 1 if tables.MISSED in targets else 0


def _measure_rounds(everyone: Sequence[Contender], *, rounds: int, quick: bool) -> Measured:
    """Measure everyone round after round, as many as fit into the time."""
    done = Measured()
    for number in range(1, rounds + 1):
        started = tables.elapsed_seconds()
        # Every other round backwards: what a neighbor does to the machine hits all alike.
        for contender in everyone if number % 2 else reversed(everyone):
            say(f"round {number} of {rounds}: {contender.name}")
            _measure(contender, quick=quick, done=done)
        done.rounds = number
        now = tables.elapsed_seconds()
        if number < rounds and now + (now - started) > MOST_SECONDS:
            say(f"{number} rounds are enough: one more would take longer than {MOST_SECONDS} s")
            break
    return done


def _measure(contender: Contender, *, quick: bool, done: Measured) -> None:
    """Run every scenario against one server."""
    with watch_connections(contender.database) as seen, contender.serve() as server:
        warm: set[str] = set()
        for scenario in SCENARIOS:
            seconds = scenario.quick_seconds if quick else scenario.seconds
            if not seconds or (scenario.operation == "SAS" and contender.sas is None):
                continue
            if scenario.operation not in warm:
                _run(contender, server, replace(scenario, users=50), seconds=WARM_UP_SECONDS)
                warm.add(scenario.operation)
            got = _run(contender, server, scenario, seconds=seconds)
            done.add(operation=scenario.operation, name=contender.name, run=got)
            say(
                f"  {scenario.operation} {scenario.users}: {got.load.per_second:.0f}/s,"
                f" p50 {got.load.p50:.0f} ms, p99 {got.load.p99:.0f} ms,"
                f" {got.load.bad_status} bad, {got.load.lost} lost, CPU {got.cpu_ms:.2f} ms"
            )
    done.add_connections(name=contender.name, seen=seen)


def _run(contender: Contender, server: Server, scenario: Scenario, *, seconds: int) -> Run:
    if scenario.operation == "verifyOTP":
        return _verify(contender, server, scenario, seconds=seconds)
    if scenario.operation == "sendOTP":
        return _under_load(
            server,
            lambda: load.post_numbered(
                url=server.url,
                path=contender.send_path,
                body=contender.send_body,
                users=scenario.users,
                seconds=seconds,
            ),
        )
    path, authorization = contender.sas or ("", "")
    return _under_load(
        server,
        lambda: load.get(
            url=server.url,
            path=path,
            authorization=authorization,
            users=scenario.users,
            seconds=seconds,
        ),
    )


def _verify(contender: Contender, server: Server, scenario: Scenario, *, seconds: int) -> Run:
    """Prove fresh codes, each once; again with more of them where they were too few."""
    count = seconds * contender.codes_per_second + scenario.users
    while True:
        lines = contender.codes(count)
        contender.database.execute("ANALYZE")
        got = _under_load(
            server,
            functools.partial(
                load.post_lines,
                url=server.url,
                path=contender.verify_path,
                lines=lines,
                file=working_directory() / "codes.txt",
                users=scenario.users,
                seconds=seconds,
            ),
        )
        if (got.load.requests + scenario.users) * SPARE_CODES < count:
            return got
        say(f"  {count} codes were too few; again with twice as many")
        count *= 2


def _under_load(server: Server, put: Callable[[], Load]) -> Run:
    """Put a load on a server that has nothing else to do, and see what it costs."""
    settle(server)
    before = server.cpu_seconds()
    got = put()
    cpu_ms = (server.cpu_seconds() - before) * 1000 / max(got.requests, 1)
    return Run(load=got, cpu_ms=cpu_ms)


if __name__ == "__main__":
    sys.exit(main())
