"""A real clamd with one signature of our own, so that nothing has to be fetched."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from documents.tests.hostile_parts import EICAR

CLAMD = shutil.which("clamd", path="/usr/sbin:/usr/bin:/sbin")
START_SECONDS = 60


@contextmanager
def clamd(folder: Path) -> Iterator[str]:
    """Run clamd on a socket in a folder; give the socket's path."""
    if CLAMD is None:
        raise RuntimeError("clamd is missing: apt-get install clamav-daemon (bin/test does it)")
    signatures = folder / "signatures"
    signatures.mkdir()
    # An .ndb line: name, any file type, anywhere in it, the bytes in hex.
    (signatures / "ours.ndb").write_text(f"Solarium.Test.EICAR:0:*:{EICAR.hex()}\n")
    where = folder / "clamd.sock"
    settings = folder / "clamd.conf"
    settings.write_text(
        f"LocalSocket {where}\nDatabaseDirectory {signatures}\nForeground yes\n"
        f"PidFile {folder / 'clamd.pid'}\nStreamMaxLength 11M\n"
    )
    command = [CLAMD, "--config-file", str(settings)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as daemon:  # noqa: S603  (our own)
        try:
            _wait_for(where, daemon)
            yield str(where)
        finally:
            daemon.terminate()


def _wait_for(where: Path, daemon: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            with socket.socket(socket.AF_UNIX) as scanner:
                scanner.connect(str(where))
        except OSError:
            if time.monotonic() > end or daemon.poll() is not None:
                raise
            time.sleep(0.05)
        else:
            return
