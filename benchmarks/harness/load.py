"""Load from wrk: so many users, each asking again as soon as it was answered."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.paths import HARNESS

THREADS = 2
NUMBERS_PER_RUN = 4_000_000  # numbered.lua gives each thread a million
_runs = itertools.count()


@dataclass(frozen=True, kw_only=True)
class Load:
    """One run. Times in milliseconds, over answered requests.

    ``bad_status`` counts answers from 400 on, ``per_second`` the others; ``lost`` broken
    connections and requests that were not answered within wrk's timeout.
    """

    users: int
    requests: int
    per_second: float
    p50: float
    p90: float
    p99: float
    most: float
    bad_status: int
    lost: int


def install_wrk() -> None:
    """Install wrk from Debian where it is missing.

    Raises:
        SystemExit: It is missing and cannot be installed here.
    """
    if shutil.which("wrk"):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "wrk"]):
            subprocess.run(command, check=False, stdout=subprocess.DEVNULL)  # noqa: S603
    if not shutil.which("wrk"):
        raise SystemExit("wrk is missing and cannot be installed here: apt-get install wrk")


def post_numbered(
    *, url: str, path: str, body: str, users: int, seconds: float, timeout_seconds: int = 30
) -> Load:
    """POST a body in which ``PHONE`` becomes a number that no run of this process used before."""
    first = next(_runs) * NUMBERS_PER_RUN
    return _wrk(
        script="numbered.lua",
        url=url,
        arguments=[path, body, str(first)],
        users=users,
        seconds=seconds,
        timeout_seconds=timeout_seconds,
    )


def post_lines(
    *, url: str, path: str, lines: Sequence[str], file: Path, users: int, seconds: float
) -> Load:
    """POST each body once; ``file`` is where they are put for wrk.

    Where ``requests`` and ``users`` are not below the number of bodies, they were used up before
    the time was, and the run tells nothing.
    """
    file.write_text("\n".join(lines) + "\n")
    return _wrk(
        script="lines.lua",
        url=url,
        arguments=[path, str(file), str(THREADS)],
        users=users,
        seconds=seconds,
        timeout_seconds=30,
    )


def get(*, url: str, path: str, users: int, seconds: float, authorization: str = "") -> Load:
    """GET one path."""
    arguments = [path, authorization] if authorization else [path]
    return _wrk(
        script="get.lua",
        url=url,
        arguments=arguments,
        users=users,
        seconds=seconds,
        timeout_seconds=30,
    )


def _wrk(
    *,
    script: str,
    url: str,
    arguments: Sequence[str],
    users: int,
    seconds: float,
    timeout_seconds: int,
) -> Load:
    done = subprocess.run(  # noqa: S603  (our own command)
        [  # noqa: S607
            "wrk",
            *("--threads", str(THREADS), "--connections", str(users)),
            *("--duration", f"{max(round(seconds), 1)}s", "--timeout", f"{timeout_seconds}s"),
            *("--script", script, url, "--", *arguments),
        ],
        cwd=HARNESS,
        capture_output=True,
        text=True,
        check=False,
    )
    return read_result(done.stdout + done.stderr, users=users)


def read_result(said: str, *, users: int) -> Load:
    """Return what report.lua printed at the end of a run.

    Raises:
        SystemExit: wrk gave no result; what it said is shown.
    """
    result = next((x for x in said.splitlines() if x.startswith("RESULT ")), None)
    if result is None:
        raise SystemExit(f"wrk gave no result:\n{said[-2000:]}")
    got = json.loads(result.removeprefix("RESULT "))
    return Load(
        users=users,
        requests=got["requests"],
        per_second=(got["requests"] - got["bad_status"]) / (got["microseconds"] / 1e6),
        p50=got["p50"] / 1000,
        p90=got["p90"] / 1000,
        p99=got["p99"] / 1000,
        most=got["max"] / 1000,
        bad_status=got["bad_status"],
        lost=got["lost"],
    )
