"""What the OTP measurement found: figures as medians, targets as ratios within a round."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field

from harness.databases import Connections
from harness.load import Load
from harness.peers import POOL_MAX, PROCESSES
from harness.tables import markdown, median, number, verdict


@dataclass(frozen=True)
class Run:
    """One load, and the processor milliseconds that the server spent for each request."""

    load: Load
    cpu_ms: float


@dataclass
class Measured:
    """All runs of all rounds, by operation, users and name; the most connections by name."""

    rounds: int = 0
    runs: dict[tuple[str, int, str], list[Run]] = field(default_factory=lambda: defaultdict(list))
    connections: dict[str, Connections] = field(default_factory=dict)

    def add(self, *, operation: str, name: str, run: Run) -> None:
        """Keep a run."""
        self.runs[operation, run.load.users, name].append(run)

    def add_connections(self, *, name: str, seen: Connections) -> None:
        """Keep the most of what was seen."""
        kept = self.connections.setdefault(name, Connections())
        kept.most = max(kept.most, seen.most)
        kept.idle_in_transaction = max(kept.idle_in_transaction, seen.idle_in_transaction)


def figures(done: Measured, *, names: list[str]) -> str:
    """Return a table of medians over the rounds, those that are compared one below the other."""
    kinds = dict.fromkeys((operation, users) for operation, users, _ in done.runs)
    rows = [
        _figures(operation, users, name, done.runs[operation, users, name])
        for operation, users in kinds
        for name in names
        if (operation, users, name) in done.runs
    ]
    header = ("", "users", "", "requests/s", "p50", "p90", "p99", "CPU", "bad", "lost")
    return markdown(header=header, rows=rows)


def _figures(operation: str, users: int, name: str, runs: list[Run]) -> tuple[object, ...]:
    middle = [
        median(getattr(run.load, figure) for run in runs)
        for figure in ("per_second", "p50", "p90", "p99")
    ]
    cpu_ms = median(run.cpu_ms for run in runs)
    bad, lost = sum(run.load.bad_status for run in runs), sum(run.load.lost for run in runs)
    return (operation, users, name, *middle, cpu_ms, bad, lost)


def targets(done: Measured, *, names: list[str]) -> str:
    """Return a table of the targets: ratios within a round, the median over the rounds.

    Args:
        names: Ours, the floor, better-auth, django-phone-verify.
    """
    ours, floor, better_auth, phone_verify = names
    rows: list[tuple[object, ...]] = []
    for operation, users, figure, other, limit in (
        ("sendOTP", 600, "per_second", better_auth, 0.7),
        ("sendOTP", 600, "per_second", phone_verify, 3.0),
        ("sendOTP", 600, "per_second", floor, 0.75),
        ("sendOTP", 600, "p99", better_auth, 0.5),
        ("verifyOTP", 50, "per_second", better_auth, 3.0),
        ("verifyOTP", 600, "per_second", better_auth, 3.0),
        ("SAS", 50, "p50", floor, 2.0),
        ("SAS", 50, "p99", floor, 2.0),
    ):
        if (operation, users, ours) not in done.runs:
            continue
        mine, theirs = done.runs[operation, users, ours], done.runs[operation, users, other]
        ratio = median(
            _figure(a.load, figure) / max(_figure(b.load, figure), 0.001)
            for a, b in zip(mine, theirs, strict=True)
        )
        speed = figure == "per_second"
        met = verdict(ratio=ratio, at_least=limit) if speed else verdict(ratio=ratio, at_most=limit)
        what = "requests/s" if speed else figure
        about = f"{operation}, {users} users: {what} ÷ that of {other}"
        rows.append((about, f"{'≥' if speed else '≤'} {limit}", number(ratio), met))
    lost = sum(
        run.load.lost + run.load.bad_status
        for (_, _, name), runs in done.runs.items()
        for run in runs
        if name == ours
    )
    rows.append(("requests of ours lost or refused", "0", lost, verdict(ratio=lost, at_most=0)))
    rows.append(_connections(done.connections[ours]))
    return markdown(header=("target", "should be", "is", ""), rows=rows)


def _figure(load: Load, name: str) -> float:
    """Return a figure; where nobody was answered a time is endless, not zero."""
    value = float(getattr(load, name))
    return value if value or name == "per_second" else math.inf


def _connections(seen: Connections) -> tuple[object, ...]:
    most = POOL_MAX * PROCESSES
    return (
        "database connections of ours, most at once",
        f"≤ {most}",
        f"{seen.most} (at most {seen.idle_in_transaction} idle in a transaction)",
        verdict(ratio=seen.most, at_most=most),
    )
