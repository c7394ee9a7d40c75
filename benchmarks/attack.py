"""SMS pumping: 5,000 numbers of three prefixes ask for codes, from as many addresses.

Twenty known users, whose numbers lie in the same prefixes, log in while it goes on, with the
install proofs of an earlier login. Three rounds, each on a fresh database and cache:

- ``prefixes``: the limits as they are by default,
- ``budget``: without the limit per prefix, so that the day's budget has to hold by itself,
- ``minute``: without both, so that the limit of the whole system has to.

Looked at: how many SMS strangers were sent, whether all known users log in, and whether a known
number without its proof is answered as an unknown one.

    .venv/bin/python benchmarks/attack.py

Takes about two minutes; needs PostgreSQL and Redis on this machine (``BENCHMARK_POSTGRES_URL``,
``BENCHMARK_REDIS_URL``). Ends with 1 where spend went on or a user was locked out.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from json import dumps, loads
from threading import local
from typing import Any

from harness.command_line import is_quick
from harness.databases import Database, fresh_database, own_cache
from harness.paths import LOGS, ROOT, working_directory
from harness.tables import MISSED, machine, markdown, say

sys.path.insert(0, str(ROOT))

from sandbox.local.children import Children
from solarium.tests.servers.nodes import Cluster, Node, some_address, stand_in

PREFIXES = ("+9198765", "+9187654", "+9176543")  # and one digit: the last four are not counted
NUMBERS, QUICK_NUMBERS = 5000, 600  # of strangers
KNOWN_USERS = 20
ATTACKERS_AT_ONCE = 64
BUDGET_RUPEES, PRICE_PAISE = 20, 20
PER_MINUTE = 150
UNLIMITED = {"OTP_SENDS_PER_IP_10MIN": "100", "OTP_COOLDOWN_SECONDS": "0"}
OFF = {
    "OTP_SENDS_PER_PREFIX_10MIN": "0",
    "OTP_DAILY_BUDGET_RUPEES": "0",
    "OTP_SENDS_PER_MINUTE": "0",
}
ROUNDS = {
    "prefixes": ({**OFF, "OTP_SENDS_PER_PREFIX_10MIN": "10"}, 10 * len(PREFIXES)),
    "budget": (
        {
            **OFF,
            "OTP_DAILY_BUDGET_RUPEES": str(BUDGET_RUPEES),
            "OTP_PRICE_PAISE": str(PRICE_PAISE),
        },
        BUDGET_RUPEES * 100 // PRICE_PAISE,
    ),
    "minute": ({**OFF, "OTP_SENDS_PER_MINUTE": str(PER_MINUTE)}, None),
}
SENT_TO_STRANGERS = """
    SELECT count(*) FROM otp_challenge
    WHERE accepted_at IS NOT NULL AND verified_at IS NULL
"""


@dataclass(frozen=True, kw_only=True)
class Round:
    """What one round showed. ``most``: SMS that strangers may get at most."""

    name: str
    seconds: float
    answers: Counter[str]
    sent: int
    most: int
    logged_in: int
    alike: bool

    @property
    def fine(self) -> bool:
        """Whether spend stopped, everybody known got in and nothing was told."""
        return self.sent <= self.most and self.logged_in == KNOWN_USERS and self.alike


class Caller:
    """Posts to a node over one connection a thread, each time from another address."""

    def __init__(self, node: Node) -> None:
        self._node, self._own = node, local()

    def post(self, path: str, body: dict[str, Any], *, proof: str = "") -> tuple[int, Any]:
        """Return status and body."""
        line = getattr(self._own, "line", None)
        if line is None:
            line = self._own.line = HTTPConnection("127.0.0.1", self._node.port, timeout=30)
        headers = {"Content-Type": "application/json", "X-Forwarded-For": some_address()}
        if proof:
            headers["X-Install-Proof"] = proof
        line.request("POST", path, dumps(body), headers)
        answer = line.getresponse()
        return answer.status, loads(answer.read())


def main() -> int:
    quick = is_quick(__doc__, meaning=f"{QUICK_NUMBERS} numbers instead of {NUMBERS}")
    numbers = QUICK_NUMBERS if quick else NUMBERS
    working_directory()
    rounds = [_round(name, numbers=numbers) for name in ROUNDS]
    _report(rounds, numbers=numbers)
    return 0 if all(each.fine for each in rounds) else 1


def _round(name: str, *, numbers: int) -> Round:
    settings, most = ROUNDS[name]
    with (
        fresh_database(purpose="attack") as database,
        own_cache() as cache_url,
        stand_in() as provider,
        Children(cwd=ROOT, logs=LOGS) as children,
    ):
        cluster = Cluster(
            database_url=database.url, cache_url=cache_url, msg91=provider, children=children
        )
        cluster.manage("migrate", "--no-input", "--verbosity", "0")
        environment = {**UNLIMITED, **settings, "DATABASE_POOL_MAX": "16"}
        caller = Caller(cluster.start(1, **environment)[0])
        users = [_number(place, 9000 + place) for place in range(KNOWN_USERS)]
        proofs = {phone: _log_in(cluster, caller, phone) for phone in users}
        say(f"{name}: {len(proofs)} users know their installs, the attack begins")
        started = time.monotonic()
        answers, logged_in = _attack(cluster, caller, proofs, numbers=numbers)
        seconds = time.monotonic() - started
        alike = _alike(caller, known=users[0], unknown=_number(0, 8999))
        if most is None:
            most = PER_MINUTE * (int(seconds // 60) + 1)
        sent = _sent_to_strangers(database)
    say(f"{name}: {sent} SMS to strangers, {logged_in} users in")
    return Round(
        name=name, seconds=seconds, answers=answers, sent=sent, most=most,
        logged_in=logged_in, alike=alike,
    )  # fmt: skip


def _number(place: int, last: int) -> str:
    """Return a number of one of the prefixes; ``last`` are its last four digits."""
    return f"{PREFIXES[place % len(PREFIXES)]}0{last:04d}"


def _log_in(cluster: Cluster, caller: Caller, phone: str, *, proof: str = "") -> str:
    """Log in by SMS; return the install's proof, empty where the code was not sent or taken."""
    status, sent = caller.post(
        "/integrations/sendOTP", {"phone": phone, "app": "CUSTAP"}, proof=proof
    )
    if status != 200:
        return ""
    body = {"challengeId": sent["challengeId"], "otp": cluster.msg91.code(phone)}
    status, verified = caller.post("/integrations/verifyOTP", body, proof=proof)
    return str(verified["installProof"]) if status == 200 else ""


def _attack(
    cluster: Cluster, caller: Caller, proofs: dict[str, str], *, numbers: int
) -> tuple[Counter[str], int]:
    """Ask for codes for all numbers; in the second half the known users log in beside it."""

    def ask(number: int) -> str:
        phone = _number(number, number // len(PREFIXES))
        status, body = caller.post("/integrations/sendOTP", {"phone": phone, "app": "CUSTAP"})
        return str(body.get("code", status))

    with ThreadPoolExecutor(ATTACKERS_AT_ONCE) as attackers:
        first = list(attackers.map(ask, range(numbers // 2)))
        rest = attackers.map(ask, range(numbers // 2, numbers))
        again = [_log_in(cluster, caller, phone, proof=proof) for phone, proof in proofs.items()]
        answers = Counter([*first, *rest])
    return answers, sum(bool(proof) for proof in again)


def _alike(caller: Caller, *, known: str, unknown: str) -> bool:
    """Whether a known number without its proof is answered as an unknown one."""
    seen = []
    for phone in (known, unknown):
        status, body = caller.post("/integrations/sendOTP", {"phone": phone, "app": "CUSTAP"})
        seen.append((status, body.get("code"), body.get("detail"), sorted(body)))
    return seen[0] == seen[1]


def _sent_to_strangers(database: Database) -> int:
    return int(str(database.value(SENT_TO_STRANGERS)))


def _report(rounds: list[Round], *, numbers: int) -> None:
    rows = [
        (
            each.name,
            f"{numbers} in {each.seconds:.0f} s",
            each.sent,
            each.most,
            f"{each.logged_in} of {KNOWN_USERS}",
            "alike" if each.alike else "told apart",
            ", ".join(f"{code} {count}" for code, count in each.answers.most_common()),
            "met" if each.fine else MISSED,
        )
        for each in rounds
    ]
    header = (
        "round", "requests", "SMS to strangers", "at most", "users logged in",
        "known and unknown", "answers", "",
    )  # fmt: skip
    sys.stdout.write(f"{machine()}\n\n{markdown(header=header, rows=rows)}\n")


if __name__ == "__main__":
    sys.exit(main())
