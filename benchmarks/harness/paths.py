"""Where things stand; everything that a run leaves behind goes under ``var/benchmarks``."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BENCHMARKS = ROOT / "benchmarks"
HARNESS = BENCHMARKS / "harness"
PEERS = BENCHMARKS / "peers"
PYTHON = ROOT / ".venv" / "bin" / "python"
VAR = ROOT / "var" / "benchmarks"
LOGS = VAR / "logs"
PEER_PACKAGES = VAR / "packages"


def working_directory() -> Path:
    """Return the directory for what a run writes, made where it is missing."""
    LOGS.mkdir(parents=True, exist_ok=True)
    return VAR
