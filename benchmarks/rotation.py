"""All keys changed under load: two servers, 200 requests a second for 30 s, none may fail.

MSG91's and SendGrid's stand-ins take old and new keys until the old ones are retired, then the new
ones only; the storage emulator has an account with two keys. Each step is a command of its own, as
ops type it; the load goes on until the last of them is done. Also shown: links that the old storage
key signed still upload, a code sent under the old pepper still counts, a wrong key is refused, and
so is a `retire` that comes too early.

    .venv/bin/python benchmarks/rotation.py

Takes one to two minutes; needs PostgreSQL and Redis on this machine (``BENCHMARK_POSTGRES_URL``,
``BENCHMARK_REDIS_URL``). Ends with 1 where a request failed or a step went otherwise.
"""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Any

import requests
from harness.command_line import is_quick
from harness.databases import fresh_database, own_cache
from harness.paths import LOGS, PYTHON, ROOT, working_directory
from harness.tables import machine, say

sys.path.insert(0, str(ROOT))

from rotation_storage import NEW_KEY, OLD_KEY, signer, storage, upload

from sandbox import msg91, sendgrid
from sandbox.local import setup
from sandbox.local.children import Children
from sandbox.local.phones import some_phone
from solarium.tests.servers.mixed_load import People, Seen, mixed_load
from solarium.tests.servers.nodes import Cluster, Node, stand_in

SEEN_BY_ALL_SECONDS = 5
PER_SECOND, QUICK_PER_SECOND = 200, 100
LEAST_SECONDS = 30  # of the load

OLD = {"msg91": msg91.AUTH_KEY, "sendgrid": sendgrid.API_KEY, "azure_blob": OLD_KEY}
NEW = {"msg91": "rotated-msg91-key", "sendgrid": "SG.rotated.key", "azure_blob": NEW_KEY}
SERVERS = {
    **dict.fromkeys((*setup.LIMITS, "EMAIL_SENDS_PER_USER_HOUR"), "0"),
    "SERVE_WORKERS": "1",
    "DATABASE_POOL_MAX": "16",
    "PROVIDER_TIMEOUT_SECONDS": "5",
}


@dataclass
class Findings:
    """What went as it should and what did not, in order."""

    lines: list[tuple[bool, str]] = field(default_factory=list)

    def expect(self, fine: bool, text: str) -> None:
        """Note one thing that was looked at."""
        self.lines.append((fine, text))
        say(f"{'ok  ' if fine else 'FAIL'}  {text}")


def main() -> int:
    quick = is_quick(__doc__, meaning=f"{QUICK_PER_SECOND} requests a second")
    working_directory()
    found = Findings()
    with (
        fresh_database(purpose="rotation") as database,
        own_cache() as cache_url,
        stand_in() as provider,
        Children(cwd=ROOT, logs=LOGS) as children,
    ):
        cluster = Cluster(
            database_url=database.url, cache_url=cache_url, msg91=provider, children=children
        )
        with storage(children) as of_storage:
            environment = {**SERVERS, **of_storage}
            _manage(cluster, environment, "migrate", "--no-input", "--verbosity", "0")
            say("starting two servers")
            nodes = cluster.start(2, **environment)
            people = _people(cluster, environment, nodes)
            links = [_link(nodes[0], people) for _ in range(3)]
            say("the load begins")
            with mixed_load(
                cluster=cluster,
                nodes=nodes,
                people=people,
                per_second=QUICK_PER_SECOND if quick else PER_SECOND,
            ) as seen:
                started = time.monotonic()
                _rotate(cluster, environment, nodes, found)
                time.sleep(max(LEAST_SECONDS - (time.monotonic() - started), 1))
            _judge(seen, links, found)
    _report(seen, found)
    return 0 if all(fine for fine, _ in found.lines) else 1


def _manage(
    cluster: Cluster, environment: dict[str, str], *arguments: str, stdin: str = "", **more: str
) -> tuple[int, str]:
    """Run a management command; return its exit code and what it said."""
    done = subprocess.run(  # noqa: S603  (our own command)
        [str(PYTHON), "manage.py", *arguments],
        cwd=ROOT,
        env=cluster.environment(**environment, **more),
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, (done.stdout if done.returncode == 0 else done.stderr).strip()


def _people(cluster: Cluster, environment: dict[str, str], nodes: list[Node]) -> People:
    who = {"email": "ops@solarium.example", "password": "correct-horse-battery-7"}
    role = ("--role", "ADMIN", "--email", who["email"], "--password-env", "PW")
    _manage(cluster, environment, "create_user", *role, PW=who["password"])
    staff = nodes[0].call("POST", "/auth/login", **who).json()["token"]
    phone = some_phone()
    sent = nodes[0].send(phone).json()
    code = {"challengeId": sent["challengeId"], "otp": cluster.msg91.code(phone)}
    customer = nodes[1].call("POST", "/integrations/verifyOTP", **code).json()["token"]
    return People(customer=customer, staff=staff)


def _link(node: Node, people: People) -> dict[str, Any]:
    return dict(node.call("GET", "/documents/sas?docType=KYC", token=people.customer).json())


def _rotate(
    cluster: Cluster, environment: dict[str, str], nodes: list[Node], found: Findings
) -> None:
    """Change every key, step by step, as ops would."""

    def step(provider: str, name: str, *, code: int = 0, key: str = "") -> None:
        ended, said = _manage(cluster, environment, "rotate_key", provider, name, stdin=key)
        sentence = said.splitlines()[-1].removeprefix("CommandError: ")
        found.expect(ended == code, f"rotate_key {provider} {name}: exit {ended}. {sentence}")

    wrong = {"msg91": "wrong-key", "sendgrid": "SG.wrong.key", "azure_blob": "d3Jvbmcta2V5"}
    for provider, key in wrong.items():
        step(provider, "stage", code=1, key=key)
    for provider in ("msg91", "sendgrid"):
        _tell(cluster, "POST", provider, NEW[provider])
    for provider in ("msg91", "sendgrid", "azure_blob"):
        step(provider, "stage", key=NEW[provider])
        step(provider, "activate")
    step("otp_pepper", "stage")
    phone = some_phone()
    challenge = nodes[0].send(phone).json()["challengeId"]
    code = {"challengeId": challenge, "otp": cluster.msg91.code(phone)}
    step("otp_pepper", "activate")
    time.sleep(SEEN_BY_ALL_SECONDS)
    status = nodes[1].call("POST", "/integrations/verifyOTP", **code).status_code
    found.expect(status == 200, f"a code sent before the pepper changed: {status}")
    for provider in ("azure_blob", "otp_pepper"):
        step(provider, "retire", code=1)
    for provider in ("msg91", "sendgrid"):
        step(provider, "retire")
    time.sleep(SEEN_BY_ALL_SECONDS)
    for provider in ("msg91", "sendgrid"):
        _tell(cluster, "DELETE", provider, OLD[provider])
    say("the old keys are gone at the providers")


def _tell(cluster: Cluster, method: str, provider: str, key: str) -> None:
    order = {"provider": provider, "key": key}
    requests.request(method, f"{cluster.msg91.url}/keys", json=order, timeout=10).raise_for_status()


def _judge(seen: Seen, links: list[dict[str, Any]], found: Findings) -> None:
    found.expect(seen.failed == 0, f"{seen.count} requests, {seen.failed} failed {seen.bad}")
    signers = [signer(link["sasUrl"]) for link in seen.links]
    found.expect(
        signers[0] == "old" and signers[-1] == "new" and "neither" not in signers,
        f"links signed under load: {signers.count('old')} by the old key, then "
        f"{signers.count('new')} by the new one",
    )
    for name, some in (("before the rotation", links), ("at its end", seen.links[-3:])):
        statuses = [upload(link) for link in some]
        found.expect(statuses == [201] * len(some), f"uploads with links signed {name}: {statuses}")


def _report(seen: Seen, found: Findings) -> None:
    by_operation: dict[str, int] = {}
    for (operation, _), count in seen.answers.items():
        by_operation[operation] = by_operation.get(operation, 0) + count
    mix = ", ".join(f"{name} {count}" for name, count in sorted(by_operation.items()))
    sys.stdout.write(
        f"{machine()}\n\n"
        f"{seen.count} requests in {seen.seconds:.1f} s, "
        f"{seen.count / seen.seconds:.0f} a second: {mix}. Failed: {seen.failed}.\n"
        f"p50 {seen.quantile(50):.0f} ms, p95 {seen.quantile(95):.0f} ms, "
        f"p99 {seen.quantile(99):.0f} ms; the pace was at most {seen.late_seconds:.2f} s late.\n\n"
    )
    for fine, text in found.lines:
        sys.stdout.write(f"- {'ok' if fine else '**missed**'}: {text}\n")


if __name__ == "__main__":
    sys.exit(main())
