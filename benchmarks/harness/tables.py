"""Markdown tables, medians and ratios, and the line that names the machine."""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from harness.databases import POSTGRES_URL, Database

OURS = ("granian", "Django", "djangorestframework", "psycopg", "requests")


MISSED = "**missed**"
_started = time.monotonic()


def elapsed_seconds() -> float:
    """Return the seconds since the measurement began."""
    return time.monotonic() - _started


def say(text: str) -> None:
    """Tell how far it is, and after how many seconds, on stderr."""
    sys.stderr.write(f"{elapsed_seconds():4.0f} s  {text}\n")
    sys.stderr.flush()


def markdown(*, header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table; floats are rounded to three significant digits or the unit."""
    lines = [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
    lines += [f"| {' | '.join(number(cell) for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def number(value: object) -> str:
    """Return a cell: 0.1234 as 0.123, 12.34 as 12.3, 1234.5 as 1234 (or 1235)."""
    if not isinstance(value, float):
        return str(value)
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.3g}"


def median(values: Iterable[float]) -> float:
    """Return the median of at least one value."""
    return float(statistics.median(values))


def verdict(*, ratio: float, at_least: float | None = None, at_most: float | None = None) -> str:
    """Say whether a ratio is where it should be."""
    met = (at_least is None or ratio >= at_least) and (at_most is None or ratio <= at_most)
    return "met" if met else MISSED


def machine() -> str:
    """Return one line: date, processor, memory, and the versions of what was measured."""
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    server = Database(name="postgres", url=POSTGRES_URL).value("SHOW server_version")
    parts = [
        datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        f"{os.cpu_count()} cores ({_processor()})",
        f"{memory_gb:.0f} GB",
        f"Linux {platform.release().split('-')[0]}",
        f"Python {platform.python_version()}",
        f"PostgreSQL {str(server).split()[0]}",
        *(f"{name} {version(name)}" for name in OURS),
    ]
    if shutil.which("node"):
        parts.append(f"Node {_output('node', '--version').lstrip('v')}")
    if shutil.which("wrk"):
        parts.append(_output("wrk", "-v").split(" [")[0])
    return " · ".join(parts)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _output(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return (done.stdout or done.stderr).strip()
