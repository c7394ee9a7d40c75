"""What MSG91's hanging does to everybody else: 600 users on sendOTP, 20 on SAS links and /auth/me.

Three phases under the same load: MSG91 healthy (100 ms), hanging (the first seconds of an outage,
until the breaker is open), breaker open. Users pause before each request as people do; without a
pause 600 of them measure how two cores saturate, which is printed too, without targets. A few
watchers ask for codes and for /integrations/status beside the load, to see each answer's time.

    python benchmarks/outage.py --quick
"""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import paced
import requests
from harness import databases, load, servers
from harness.command_line import is_quick
from harness.databases import Database
from harness.paths import PYTHON
from harness.processes import Server, run
from harness.tables import machine, say
from outage_report import Outage, Phase, phases_table, targets_table
from outage_watch import Watch
from paced import Users

SMS_USERS, SMS_PAUSE_SECONDS = 600, 5.0  # 120 a second: busy, not saturated
OTHER_USERS, OTHER_PAUSE_SECONDS = 10, 0.2  # each on SAS and on /auth/me
GATEWAY_MS = 100
RAMP_SECONDS = 7  # the first answers also pay for what is loaded late
HANGING_SECONDS = 7  # attempts end after 5 s; the rest is the burst of answers as the breaker opens
RECOVERY_SECONDS = 45  # open for 30 s, then a probe
SMS_BODY = '{"phone": "PHONE", "app": "CUSTAP"}'


@dataclass(frozen=True, kw_only=True)
class Site:
    """The servers under test and the headers to ask them with."""

    solarium: Server
    gateway: Server
    customer: str
    admin: str


def main() -> None:
    quick = is_quick(__doc__, meaning="one short outage of each kind, 1 min instead of 6")
    load.install_wrk()
    with databases.fresh_database(purpose="outage") as database:
        seconds = 5 if quick else 15
        people = outages(
            database, count=1 if quick else 3, seconds=seconds, pause=1.0, recover=not quick
        )
        crowd = outages(database, count=1, seconds=4 if quick else 8, pause=0.0, recover=False)
    sys.stdout.write(f"{machine()}\n\n")
    sys.stdout.write(
        f"{SMS_USERS} users on sendOTP, one request each {SMS_PAUSE_SECONDS:g} s on average;"
        f" {OTHER_USERS} on SAS and {OTHER_USERS} on /auth/me, one each {OTHER_PAUSE_SECONDS:g} s;"
        f" medians of {len(people)}:\n\n{phases_table(people)}\n{targets_table(people)}\n"
        f"The same users without a pause (saturation, no targets):\n\n{phases_table(crowd)}"
    )


def outages(
    database: Database, *, count: int, seconds: float, pause: float, recover: bool
) -> list[Outage]:
    """Run outages one after another on one server with a breaker of its own.

    Args:
        seconds: Length of the healthy and of the open phase.
        pause: Factor on the users' pauses; 0: none.
        recover: Wait until the breaker has closed again; needed between two outages.
    """
    with site(database) as at:
        return [
            one_outage(at, seconds=seconds, pause=pause, recover=recover or n < count - 1)
            for n in range(count)
        ]


@contextmanager
def site(database: Database) -> Iterator[Site]:
    """Start the stand-in of MSG91 and Solarium, and log an ADMIN and a customer in."""
    with databases.own_cache() as cache_url, servers.gateway(delay_ms=GATEWAY_MS) as gateway:
        environment = servers.solarium_environment(
            database=database, cache_url=cache_url, gateway_url=gateway.url
        )
        servers.migrate_solarium(environment)
        with servers.solarium(environment) as solarium:
            customer = servers.make_token(environment)
            yield Site(
                solarium=solarium,
                gateway=gateway,
                customer=customer,
                admin=log_in_admin(environment, solarium),
            )


def log_in_admin(environment: dict[str, str], solarium: Server) -> str:
    """Return the ``Authorization`` header of a new ADMIN."""
    email, password = f"{secrets.token_hex(6)}@solarium.example", secrets.token_urlsafe(24)
    command = [str(PYTHON), "manage.py", "create_user", "--role", "ADMIN", "--email", email]
    run(
        command=[*command, "--password-env", "PASSWORD_OF_ADMIN"],
        environment={**environment, "PASSWORD_OF_ADMIN": password},
    )
    answer = requests.post(
        f"{solarium.url}/auth/login", json={"email": email, "password": password}, timeout=30
    )
    answer.raise_for_status()
    return f"Token {answer.json()['token']}"


def one_outage(at: Site, *, seconds: float, pause: float, recover: bool) -> Outage:
    """Load, hang, wait, mend; the load on sendOTP runs through all three phases."""
    users = Users(
        count=SMS_USERS,
        path="/integrations/sendOTP",
        pause_seconds=SMS_PAUSE_SECONDS * pause,
        body=SMS_BODY,
    )
    total = RAMP_SECONDS + 2 * seconds + HANGING_SECONDS + 1
    with (
        Watch(url=at.solarium.url, admin=at.admin) as watch,
        paced.running(url=at.solarium.url, users=users, seconds=total) as sms,
    ):
        time.sleep(RAMP_SECONDS)
        phases = {"healthy": observe(at, watch, "healthy", seconds=seconds, pause=pause)}
        servers.set_delay(at.gateway, milliseconds=None)
        hung_at = time.monotonic()
        phases["hanging"] = observe(at, watch, "hanging", seconds=HANGING_SECONDS, pause=pause)
        phases["breaker open"] = observe(at, watch, "open", seconds=seconds, pause=pause)
        all_sms = sms.result()
        mended_at = time.monotonic()
        servers.set_delay(at.gateway, milliseconds=GATEWAY_MS)
        closed_after = None
        if recover:
            closed_at = watch.wait_for("closed", after=mended_at, seconds=RECOVERY_SECONDS)
            closed_after = closed_at - mended_at if closed_at else None
        opened_at = watch.first("open", after=hung_at)
    return Outage(
        phases=phases,
        opened_after=opened_at - hung_at if opened_at else None,
        closed_after=closed_after,
        sms=all_sms,
    )


def observe(at: Site, watch: Watch, name: str, *, seconds: float, pause: float) -> Phase:
    """Measure the others for one phase."""
    say(f"{name}: {seconds:g} s ...")
    started = time.monotonic()
    groups = [
        Users(
            count=OTHER_USERS,
            path=path,
            pause_seconds=OTHER_PAUSE_SECONDS * pause,
            authorization=at.customer,
        )
        for path in ("/documents/sas?docType=KYC", "/auth/me")
    ]
    busy_before, total_before = processor_ticks()
    sas, me = paced.at_once(url=at.solarium.url, groups=groups, seconds=seconds)
    busy, total = processor_ticks()
    return Phase(
        sas=sas,
        me=me,
        codes=watch.codes(after=started, before=time.monotonic()),
        busy=(busy - busy_before) / (total - total_before),
    )


def processor_ticks() -> tuple[int, int]:
    """Return how long all cores were busy, and how long in all, since the machine started."""
    times = [int(ticks) for ticks in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    idle = times[3] + times[4]
    return sum(times) - idle, sum(times)


if __name__ == "__main__":
    main()
