"""Compiles ``client/`` for tests."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
CLIENT = ROOT / "client"
SECONDS = 60


def run(*command: str, **environment: str) -> str:
    """Run a program of the node packages, or node; return what it printed."""
    packages = ROOT / "node_modules" / ".bin"
    env = {**os.environ, "PATH": f"{packages}:{os.environ['PATH']}", **environment}
    done = subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def compile_client(target: Path) -> Path:
    """Compile the client into a folder from which node runs it."""
    run("tsc", "--project", str(CLIENT), "--noEmit", "false", "--outDir", str(target))
    shutil.copy(CLIENT / "package.json", target)
    (target / "node_modules").symlink_to(ROOT / "node_modules")
    return target
