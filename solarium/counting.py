"""Memory for what a worker counts that is reserved before it is written.

The counts of ``/metrics`` are mapped files (`solarium.server`). The kernel ends a process that
writes to a mapped page for which the disk has no room (SIGBUS): a full ``/dev/shm`` would end one
worker after the other. What cannot be reserved is counted in the worker's own memory instead, where
``/metrics`` does not see it.
"""

from __future__ import annotations

import logging
import mmap
import os

from prometheus_client import values
from prometheus_client.mmap_dict import MmapedDict

logger = logging.getLogger(__name__)

FIRST_BYTES = 1 << 16
MOST_BYTES_BESIDE_A_KEY = 32  # its length, its padding, value and time


class ReservedDict(MmapedDict):
    """One file of counts."""

    def __init__(self, filename: str, read_mode: bool = False) -> None:
        try:
            with open(filename, "ab") as file:
                os.posix_fallocate(file.fileno(), 0, FIRST_BYTES)
        except OSError as err:
            _tell(err)
            filename = f"/proc/self/fd/{os.memfd_create('counts')}"
        super().__init__(filename, read_mode)  # type: ignore[no-untyped-call]

    def _init_value(self, key: str) -> None:
        needed = self._used + len(key.encode()) + MOST_BYTES_BESIDE_A_KEY
        while needed > self._capacity:
            self._grow()
        super()._init_value(key)  # type: ignore[no-untyped-call]

    def _grow(self) -> None:
        larger = 2 * self._capacity
        try:
            os.posix_fallocate(self._f.fileno(), 0, larger)
            grown = mmap.mmap(self._f.fileno(), larger)
        except OSError as err:
            _tell(err)
            grown = mmap.mmap(-1, larger)
        # Also into the file: what was counted while it had no room is in memory alone.
        grown[: self._used] = self._m[: self._used]
        self._m, self._capacity = grown, larger


def reserve_memory() -> None:
    """Have this process count in reserved memory; before it counts anything."""
    values.MmapedDict = ReservedDict  # type: ignore[attr-defined]


def _tell(err: OSError) -> None:
    logger.error("counts are kept from /metrics", extra={"error_class": type(err).__name__})
