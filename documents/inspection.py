"""What a file really is: asked of the malware scanner, then of a process that may fail, hang or be
taken over.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.conf import settings

from documents import scanning
from documents.models import RejectedReason
from documents.parsing import READY, refusals
from integrations import gateways

logger = logging.getLogger(__name__)

MOST_VERDICT_BYTES = 100
_VERDICTS: Mapping[object, RejectedReason | None] = {
    "": None,
    refusals.TOO_LARGE: RejectedReason.TOO_LARGE,
    refusals.TYPE_MISMATCH: RejectedReason.TYPE_MISMATCH,
    refusals.MALFORMED: RejectedReason.MALFORMED,
    refusals.ENCRYPTED: RejectedReason.ENCRYPTED,
    refusals.ACTIVE_CONTENT: RejectedReason.ACTIVE_CONTENT,
}


class InspectionUnavailable(Exception):
    """Nothing is known about the file: no place, no scanner, or a process that could not work."""


@dataclass(frozen=True, kw_only=True)
class Inspected:
    """What may be served: ``content`` is cleaned where it is a picture, ``size`` in bytes.

    ``reason`` is None where the file is fine; otherwise nothing of the rest is to be used.
    """

    content: bytes = field(repr=False)
    size: int
    sha256: str
    reason: RejectedReason | None = None


_places = threading.BoundedSemaphore(settings.INSPECTIONS_AT_ONCE)


@contextmanager
def place() -> Iterator[None]:
    """Be one of the few that hold a file; taken before it is read, so that memory stays flat.

    Raises:
        InspectionUnavailable: None became free in time.
    """
    with gateways.waiting():
        if not _places.acquire(timeout=settings.INSPECTION_WAIT_SECONDS):
            raise InspectionUnavailable("no place became free")
    try:
        yield
    finally:
        _places.release()


def inspect(*, content: bytes, content_type: str) -> Inspected:
    """Scan a file, then open it as what it claims to be, in a process with limits of its own.

    Only for who has a `place`.

    Args:
        content_type: One of ``DOCUMENT_MAX_BYTES``; its size was compared before.

    Raises:
        InspectionUnavailable: Try again shortly; nothing is known about the file.
    """
    if not content:
        return _refused(RejectedReason.MALFORMED)
    try:
        if scanning.is_infected(content=content):
            return _refused(RejectedReason.INFECTED)
    except scanning.ScannerUnavailable as err:
        raise InspectionUnavailable("not scanned") from err
    with gateways.waiting():
        reason, cleaned = _ask_child(content, content_type)
    if reason is not None:
        return _refused(reason)
    served = cleaned if content_type.startswith("image/") else content
    if not served:
        return _refused(RejectedReason.MALFORMED)
    return Inspected(content=served, size=len(served), sha256=hashlib.sha256(served).hexdigest())


def _refused(reason: RejectedReason) -> Inspected:
    return Inspected(content=b"", size=0, sha256="", reason=reason)


def _ask_child(content: bytes, content_type: str) -> tuple[RejectedReason | None, bytes]:
    """Return reason and cleaned picture; a file that its process did not survive is malformed."""
    command = [
        *(sys.executable, "-m", "documents.parsing", content_type),
        str(settings.INSPECTION_CPU_SECONDS),
        str(settings.INSPECTION_MEMORY_BYTES),
        str(settings.INSPECTION_ANSWER_BYTES),
        str(settings.DOCUMENT_MAX_PAGES),
        str(settings.DOCUMENT_MAX_PIXELS),
    ]
    # In memory, so that no identity card is ever on a disk of ours; the kernel bounds its size.
    answer = os.memfd_create("inspection")
    try:
        survived = _run(command, content, answer)
        return _read(answer, survived=survived)
    finally:
        os.close(answer)


def _run(command: list[str], content: bytes, answer: int) -> bool:
    """Run the process to its end; return whether it came there by itself."""
    try:
        # An empty environment: what may be taken over gets no key of ours.
        with subprocess.Popen(  # noqa: S603  (our own module, no shell)
            command,
            stdin=subprocess.PIPE,
            stdout=answer,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={"PYTHONPATH": str(settings.BASE_DIR)},
        ) as child:
            try:
                child.communicate(content, timeout=settings.INSPECTION_WALL_SECONDS)
            except BaseException:
                child.kill()
                raise
    except (OSError, subprocess.SubprocessError) as err:
        logger.error("file not inspected", extra={"error_class": type(err).__name__})
        raise InspectionUnavailable("the process could not run") from err
    if child.returncode == -signal.SIGKILL:
        # Its own limits end it otherwise: the machine ran out of memory, or somebody killed it.
        logger.error("file not inspected", extra={"error_class": "Killed"})
        raise InspectionUnavailable("the process was killed")
    return child.returncode == 0


def _read(answer: int, *, survived: bool) -> tuple[RejectedReason | None, bytes]:
    with open(answer, "rb", closefd=False) as written:
        written.seek(0)
        if written.readline(len(READY)) != READY:
            # A library is missing, or the machine has no memory: no file's fault.
            logger.error("file not inspected", extra={"error_class": "NotReady"})
            raise InspectionUnavailable("the process did not come up")
        line = written.readline(MOST_VERDICT_BYTES)
        cleaned = written.read(settings.INSPECTION_ANSWER_BYTES)
    try:
        reason = _VERDICTS[json.loads(line)["reason"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        return RejectedReason.MALFORMED, b""
    return (reason, cleaned) if survived else (RejectedReason.MALFORMED, b"")
