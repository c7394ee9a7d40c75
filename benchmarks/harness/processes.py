"""Starting a server, knowing when it answers, and stopping it by its pid."""

from __future__ import annotations

import itertools
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from harness.paths import LOGS, ROOT, working_directory

READY_SECONDS = 120
STOP_SECONDS = 30  # bin/serve lets requests in flight finish for up to 20
OPEN_FILES = 65536  # 600 users and 600 calls are more than a shell's 1024
SETTLE_SECONDS = 30
SETTLE_STEP_SECONDS = 0.3
IDLE_SHARE = 0.1  # of one core: below it, a server has nothing to do
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Server:
    """A running server. ``pid`` is its main process; ``log`` what it printed."""

    name: str
    url: str
    pid: int
    log: Path

    def pids(self) -> list[int]:
        """Return the main process and all its descendants."""
        found = [self.pid]
        for pid in found:
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                found.extend(int(child) for child in children.read_text().split())
        return found

    def cpu_seconds(self) -> float:
        """Return the processor time that its processes have used so far."""
        ticks = 0
        for pid in self.pids():
            after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(after_name[11]) + int(after_name[12])
        return ticks / os.sysconf("SC_CLK_TCK")


def settle(server: Server) -> None:
    """Wait until a server has worked off what the last run left behind; half a minute at most.

    wrk hangs up on those it did not wait for, but the server works for them to the end.
    """
    until = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < until:
        before = server.cpu_seconds()
        time.sleep(SETTLE_STEP_SECONDS)
        if server.cpu_seconds() - before <= IDLE_SHARE * SETTLE_STEP_SECONDS:
            return


def free_port() -> int:
    """Return a port of 127.0.0.1 on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def clean_environment(**more: str) -> dict[str, str]:
    """Return an environment without what happens to be set here, and with what is given."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, **more}


@contextmanager
def running(
    *,
    name: str,
    command: Sequence[str],
    port: int,
    ready_path: str,
    environment: Mapping[str, str],
    directory: Path = ROOT,
) -> Iterator[Server]:
    """Run a server that listens on ``port`` and stop it after the block.

    Args:
        ready_path: Answers below 500 as soon as the server can work.

    Raises:
        SystemExit: It ended or did not answer in time; the end of its log is shown.
    """
    _be_a_good_parent()
    working_directory()
    log = LOGS / f"{name}-{os.getpid()}-{next(_numbers)}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  (our own commands)
            command, cwd=directory, env=dict(environment), stdout=output, stderr=output
        )
    server = Server(name=name, url=f"http://127.0.0.1:{port}", pid=process.pid, log=log)
    try:
        _wait_until_ready(process, server, ready_path)
        yield server
    finally:
        _stop(process)


def run(*, command: Sequence[str], environment: Mapping[str, str], directory: Path = ROOT) -> str:
    """Run a command to its end and return what it printed.

    Raises:
        SystemExit: It failed; what it said is shown.
    """
    done = subprocess.run(  # noqa: S603  (our own commands)
        command,
        cwd=directory,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def _be_a_good_parent() -> None:
    """Let children open many files, and stop them when this process is told to end."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, OPEN_FILES), hard))
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def _wait_until_ready(process: subprocess.Popen[bytes], server: Server, path: str) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            if requests.get(server.url + path, timeout=5).status_code < 500:
                return
        except requests.RequestException:
            pass
        time.sleep(0.1)
    raise SystemExit(f"{server.name} did not start:\n{server.log.read_text()[-2000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
