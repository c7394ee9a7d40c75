"""The last step of ``bin/serve``: granian, with one listening socket for all workers.

Left alone, granian 2.8 lets every worker listen for itself on Linux (SO_REUSEPORT). Then the kernel
deals connections out blindly, also to a worker that is about to be replaced, and what waits in its
queue is reset when it goes. Here the parent listens and the workers accept from one queue: a reload
loses nothing, a busy worker gets less, and a port that is taken is an error.

A stopping worker also closes connections without a request under way, into which a client may just
be writing. So one that is to go first takes no new ones and says ``Connection: close`` for a while.
"""

from __future__ import annotations

import ctypes
import io
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.net import SocketHolder  # type: ignore[attr-defined]
from granian.server.mp import MPServer

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]

PR_SET_PDEATHSIG = 1  # linux/prctl.h: the signal that a process gets when its parent ends
LEAVE = signal.SIGUSR1  # from the parent to a worker that is about to be stopped
BACKLOG = 4096  # connections that wait for accept; the kernel caps it at net.core.somaxconn
# Open connections a worker, idle ones too: granian's own default would let a thousand idle ones
# shut everybody else out. What goes beyond SERVE_THREADS waits its turn inside.
CONNECTIONS_PER_WORKER = 4096
STOP_SECONDS = 20  # a call of a provider that hangs takes up to 19 (integrations/defaults.py)
LOAD_SECONDS = 2.5  # until a new worker surely takes connections; till then the old one does, too
LEAVE_SECONDS = 1.0  # for the last connections that a worker took to bring their requests


class Server(MPServer):
    """Granian whose workers share the parent's listening socket."""

    def __init__(self, *, listener: socket.socket, workers: int, threads: int) -> None:
        host, port = listener.getsockname()[:2]
        super().__init__(
            "solarium.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            http=HTTPModes.http1,  # what proxies speak to us
            websockets=False,
            workers=workers,
            # One Rust thread is enough: with two, or in granian's other runtime mode, a request
            # cost the same CPU (0.8 to 1.0 ms, at 50 and at 600 connections).
            blocking_threads=threads,
            backlog=BACKLOG,
            backpressure=CONNECTIONS_PER_WORKER,
            respawn_failed_workers=True,  # one killed worker does not end the others
            respawn_interval=LOAD_SECONDS + LEAVE_SECONDS,
            workers_kill_timeout=STOP_SECONDS,
            log_access=False,  # docs/adr/0008-own-access-log.md
        )
        self._listener = listener
        self._parent = os.getpid()

    def _init_shared_socket(self) -> None:
        """Hand the workers our socket; granian does the same with its own outside Linux."""
        self._sso = self._listener
        # granian's stubs know neither the third argument nor anything but None here.
        holder = SocketHolder(self._listener.fileno(), False, BACKLOG)  # type: ignore[call-arg]
        self._shd = holder  # type: ignore[assignment]

    def _respawn_workers(self, workers: list[int], *args: Any, **kwargs: Any) -> None:
        """Replace workers one by one; each gets the word in time."""
        for number in workers:
            if self.interrupt_signal:
                return
            threading.Timer(LOAD_SECONDS, _tell_to_leave, [self.wrks[number].inner]).start()
            super()._respawn_workers([number], *args, **kwargs)

    def _stop_workers(self) -> None:
        for worker in self.wrks:
            _tell_to_leave(worker.inner)
        time.sleep(LEAVE_SECONDS)
        super()._stop_workers()  # type: ignore[no-untyped-call]

    def load(self) -> Application:
        """Return the application as a worker serves it; called once in each, after the fork."""
        # Until granian sets its own, the handlers are copies of the parent's: a SIGTERM would be
        # noted in the wrong process, and the parent wait for the end of its patience.
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, signal.SIG_DFL)
        if self.interrupt_signal:
            sys.exit(0)
        # Without its parent nobody could stop or replace it, and it would hold the port.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != self._parent:  # it ended since the fork: the signal will not come
            sys.exit(0)
        leaving = threading.Event()

        def leave(*_: object) -> None:
            leaving.set()
            # The runtime cannot be told to stop accepting alone: it finds a deaf socket instead.
            os.dup2(deaf.fileno(), self._listener.fileno())

        deaf = socket.socket(socket.AF_UNIX)
        deaf.bind("")  # a name that nobody knows
        deaf.listen()
        deaf.setblocking(False)
        signal.signal(LEAVE, leave)
        # Here: what the parent had loaded would stay.
        from solarium import counting

        counting.reserve_memory()
        from solarium.wsgi import application

        def serve(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
                if leaving.is_set():
                    headers = [*headers, ("Connection", "close")]
                start_response(status, headers, exc_info)

            return application(environ, start)

        return serve


def _tell_to_leave(worker: BaseProcess) -> None:
    if worker.is_alive() and worker.pid:
        os.kill(worker.pid, LEAVE)


def listen(*, host: str, port: int) -> socket.socket:
    """Take the port.

    Raises:
        OSError: It is taken, or the address is none of this machine.
        OverflowError: There is no such port.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # connections inherit it
    return listener


@contextmanager
def counts() -> Iterator[None]:
    """Give the workers a directory in which they count for ``/metrics`` (solarium/metrics.py).

    In memory where the system has that: each count writes to a mapped file.
    """
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108  (a name of its own)
    directory = tempfile.mkdtemp(prefix="solarium-counts-", dir=memory)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = directory
    try:
        yield
    finally:
        shutil.rmtree(directory, ignore_errors=True)


class _Lossy(io.FileIO):
    """What cannot be written is lost: a log whose disk is full, or that nobody reads any more.

    Else starting a worker fails (multiprocessing flushes both streams), and the server with it.
    """

    def write(self, text: Any) -> int:
        try:
            return super().write(text)
        except OSError:
            return len(text)


def lose_what_cannot_be_written() -> None:
    """Let the two streams of this process, and of its workers, never raise."""
    for name in ("stdout", "stderr"):
        raw = _Lossy(getattr(sys, name).fileno(), "wb", closefd=False)
        setattr(
            sys,
            name,
            io.TextIOWrapper(
                io.BufferedWriter(raw), errors="backslashreplace", line_buffering=True
            ),
        )


def main() -> int:
    """Serve until SIGTERM or SIGINT; SIGHUP replaces the workers one by one."""
    host, port = os.environ["HOST"], int(os.environ["PORT"])
    lose_what_cannot_be_written()
    try:
        listener = listen(host=host, port=port)
    except (OSError, OverflowError) as err:
        print(f"serve: cannot listen on {host} port {port}: {err}", file=sys.stderr)  # noqa: T201
        return 1
    server = Server(
        listener=listener,
        workers=int(os.environ["SERVE_WORKERS"]),
        threads=int(os.environ["SERVE_THREADS"]),
    )
    signal.signal(LEAVE, signal.SIG_IGN)  # a worker that still loads would die of it
    try:
        with counts():
            server.serve(target_loader=server.load, wrap_loader=False)
    except SystemExit:
        # Who stops the whole process group stops the workers too, which granian takes for a crash.
        if not server.interrupt_signal:
            raise
    return 0


if __name__ == "__main__":
    sys.exit(main())
