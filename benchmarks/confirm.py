"""Confirming documents: how long it takes, and how much memory the server needs for it.

`bin/serve` with one worker on PostgreSQL, Redis and the storage emulator. Each kind of file is
uploaded anew and confirmed, one after another and then many at once. Memory is the proportional
set size: of the worker and its parent, and apart from it of the processes that open the files.

    python benchmarks/confirm.py --quick
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import requests
from harness import databases, servers
from harness.command_line import is_quick
from harness.paths import LOGS, ROOT, working_directory
from harness.processes import Server
from harness.sampling import megabytes, sampled
from harness.tables import machine, markdown, median, say, verdict

sys.path.insert(0, str(ROOT))

from rotation_storage import storage

from documents.tests.files import big_pdf, build_pdf, noise
from sandbox.local.children import Children

MEGABYTE = 1024 * 1024
AT_ONCE = 16
SAMPLE_SECONDS = 0.02
MOST_SECONDS = 2.0  # one confirm of the largest file, alone
# Two files are held at once; each is there up to four times while the SDK joins what it read.
MOST_GROWTH_MB = 2 * 4 * 10
MOST_CHILDREN_MB = 2 * 256


@dataclass
class Peak:
    """The most memory seen at one time, MB: of the server itself and of all that open files."""

    server: float = 0.0
    children: float = 0.0


def photo(megabytes: float) -> bytes:
    """Return a JPEG of about that size; noise is the dearest to pack."""
    side = int((megabytes * MEGABYTE / 0.9) ** 0.5)
    out = io.BytesIO()
    noise((side, side)).save(out, format="JPEG", quality=90)
    return out.getvalue()


def confirm(server: Server, authorization: str, content: bytes, content_type: str) -> float:
    """Upload and confirm one document; return the seconds of the confirm."""
    headers = {"Authorization": authorization}
    query = {"docType": "KYC", "contentType": content_type}
    granted = requests.get(
        f"{server.url}/documents/sas", params=query, headers=headers, timeout=30
    ).json()
    requests.put(
        granted["sasUrl"], data=content, headers=granted["headers"], timeout=60
    ).raise_for_status()
    started = time.perf_counter()
    answer = requests.post(
        f"{server.url}/documents/{granted['documentId']}/confirm", headers=headers, timeout=120
    )
    seconds = time.perf_counter() - started
    if answer.status_code != 200:
        sys.exit(f"confirm: {answer.status_code} {answer.text}")
    return seconds


@contextmanager
def watched(server: Server) -> Iterator[Peak]:
    """Sample memory while the block runs; the peak is final after the block."""
    peak, own = Peak(), set(server.pids())  # nothing is under way yet

    def look() -> None:
        of_children = 0.0
        for pid in set(server.pids()) - own:
            # A process that opens a file may be gone before it is looked at. Before it is
            # itself it shares the worker's memory, and would be counted as another worker.
            with suppress(OSError):
                if b"documents.parsing" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    of_children += megabytes([pid])
        peak.server = max(peak.server, megabytes(own))
        peak.children = max(peak.children, of_children)

    with sampled(look, every_seconds=SAMPLE_SECONDS):
        yield peak


def measure(server: Server, authorization: str, *, rounds: int) -> list[tuple[object, ...]]:
    """Return the table's rows."""
    files = {
        "PDF of 1 page": (build_pdf(), "application/pdf"),
        "PDF of 10 MB": (big_pdf(10 * MEGABYTE), "application/pdf"),
        "JPEG of 4 MB": (photo(4), "image/jpeg"),
    }
    for content, content_type in files.values():  # warms up
        confirm(server, authorization, content, content_type)
    rows: list[tuple[object, ...]] = []
    for name, (content, content_type) in files.items():
        for at_once in (1, AT_ONCE):
            say(f"{name}, {at_once} at once ...")
            count = rounds * at_once if at_once > 1 else 4 * rounds

            def one(_: int, content: bytes = content, content_type: str = content_type) -> float:
                return confirm(server, authorization, content, content_type)

            with watched(server) as before:
                time.sleep(1)
            with watched(server) as peak, ThreadPoolExecutor(at_once) as threads:
                seconds = list(threads.map(one, range(count)))
            growth = max(peak.server - before.server, 0.0)
            seen = (median(seconds), max(seconds), peak.server, growth, peak.children)
            rows.append((f"{name}, {at_once} at once", *seen))
    return rows


def report(rows: list[tuple[object, ...]]) -> None:
    """Print the tables."""
    header = ("", "s, median", "s, slowest", "server, MB", "grown by, MB", "opening files, MB")
    sys.stdout.write(f"{machine()}\n\n{markdown(header=header, rows=rows)}\n")
    alone = next(row for row in rows if row[0] == "PDF of 10 MB, 1 at once")
    targets = (
        ("a PDF of 10 MB alone, s", float(str(alone[1])), MOST_SECONDS),
        ("most growth of the server, MB", max(float(str(row[4])) for row in rows), MOST_GROWTH_MB),
        ("most of what opens files, MB", max(float(str(row[5])) for row in rows), MOST_CHILDREN_MB),
    )
    judged = [
        (what, found, f"≤ {most:g}", verdict(ratio=found, at_most=most))
        for what, found, most in targets
    ]
    sys.stdout.write(markdown(header=("", "measured", "target", "verdict"), rows=judged))


def main() -> None:
    quick = is_quick(__doc__, meaning="2 rounds instead of 6")
    working_directory()
    with (
        databases.fresh_database(purpose="confirm") as database,
        databases.own_cache() as cache_url,
        servers.gateway() as gateway,
        Children(cwd=ROOT, logs=LOGS) as children,
        storage(children) as of_storage,
    ):
        environment = servers.solarium_environment(
            database=database, cache_url=cache_url, gateway_url=gateway.url
        )
        environment |= {**of_storage, "SERVE_WORKERS": "1"}
        servers.migrate_solarium(environment)
        with servers.solarium(environment) as solarium:
            authorization = servers.make_token(environment)
            rows = measure(solarium, authorization, rounds=2 if quick else 6)
    report(rows)


if __name__ == "__main__":
    main()
