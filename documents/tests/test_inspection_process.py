"""The process that opens a file: what a file may cost, what becomes of us where it fails."""

from __future__ import annotations

import io
import os
import resource
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from documents import inspection
from documents.tests import hostile
from documents.tests.files import big_pdf, build_jpeg, build_pdf

pytestmark = pytest.mark.slow

PDF, JPEG = "application/pdf", "image/jpeg"
HOSTILE = {file.name: file for file in hostile.files()}
MEGABYTE = 1024 * 1024


def inspect(content: bytes, content_type: str = PDF) -> inspection.Inspected:
    with inspection.place():
        return inspection.inspect(content=content, content_type=content_type)


class TestCost:
    def test_processor_time_ends_it(self, settings: Any) -> None:
        settings.INSPECTION_CPU_SECONDS = 1
        started = time.monotonic()

        assert inspect(HOSTILE["flate bomb"].content).reason == "malformed"
        assert time.monotonic() - started < 10  # alone, the bomb takes 5 s and more

    def test_memory_ends_it(self, settings: Any) -> None:
        photo = build_jpeg(size=(6000, 4000))
        assert inspect(photo, JPEG).reason is None
        settings.INSPECTION_MEMORY_BYTES = 64 * MEGABYTE

        assert inspect(photo, JPEG).reason == "malformed"

    def test_a_picture_of_49_megapixels_passes(self) -> None:
        assert inspect(build_jpeg(size=(7000, 7000)), JPEG).reason is None

    @pytest.mark.parametrize("orientation", [3, 6])
    def test_one_that_is_too_large_to_be_turned_says_how_it_lies(self, orientation: int) -> None:
        photo = build_jpeg(size=(8000, 6000), orientation=orientation, with_gps=True)

        found = inspect(photo, JPEG)

        served = Image.open(io.BytesIO(found.content))
        assert (found.reason, served.size) == (None, (8000, 6000))
        assert dict(served.getexif()) == {0x0112: orientation}
        assert b"Nagpur" not in found.content

    def test_an_answer_that_is_too_long_ends_it(self, settings: Any) -> None:
        settings.INSPECTION_ANSWER_BYTES = 200

        assert inspect(build_jpeg(), JPEG).reason == "malformed"


class TestProcess:
    @pytest.mark.parametrize(
        "answer",
        ['{"reason": []}', '{"reason": {}}', '{"reason": "infected"}', "{}", "[]", "[" * 99, ""],
    )
    def test_whatever_a_process_says_that_was_taken_over_the_file_is_refused(
        self, answer: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        taken_over = tmp_path / "python"
        taken_over.write_text(f"#!/bin/sh\nprintf 'ready\\n%s\\n' '{answer}'\n")
        taken_over.chmod(0o700)
        monkeypatch.setattr(sys, "executable", str(taken_over))

        assert inspect(build_pdf()).reason == "malformed"

    def test_what_does_not_come_up_is_no_file_s_fault(
        self, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "executable", "/nowhere/python")
            with pytest.raises(inspection.InspectionUnavailable):
                inspect(build_pdf())
        settings.INSPECTION_MEMORY_BYTES = 16 * MEGABYTE  # Python itself needs more
        with pytest.raises(inspection.InspectionUnavailable):
            inspect(build_pdf())

    def test_what_never_answers_is_no_file_s_fault(self, settings: Any) -> None:
        settings.INSPECTION_WALL_SECONDS = 0.01

        with pytest.raises(inspection.InspectionUnavailable):
            inspect(build_pdf())

    def test_what_is_killed_from_elsewhere_is_no_file_s_fault(self) -> None:
        killed: list[int] = []

        def kill() -> None:
            while not killed:
                for children in Path("/proc/self/task").glob("*/children"):
                    for child in map(int, children.read_text().split()):
                        command = Path(f"/proc/{child}/cmdline").read_bytes()
                        if b"documents.parsing" in command:
                            os.kill(child, signal.SIGKILL)
                            killed.append(child)
                time.sleep(0.01)

        killer = threading.Thread(target=kill)
        killer.start()
        with pytest.raises(inspection.InspectionUnavailable):
            inspect(HOSTILE["flate bomb"].content)
        killer.join()

    def test_two_at_once_and_the_third_is_told_to_come_again(self, settings: Any) -> None:
        settings.INSPECTION_WAIT_SECONDS = 0.05
        taken, leave = threading.Barrier(3), threading.Event()

        def hold() -> None:
            with inspection.place():
                taken.wait()
                leave.wait()

        threads = [threading.Thread(target=hold) for _ in range(2)]
        for thread in threads:
            thread.start()
        taken.wait()
        with pytest.raises(inspection.InspectionUnavailable):
            inspect(build_pdf())
        leave.set()
        for thread in threads:
            thread.join()

        assert inspect(build_pdf()).reason is None

    def test_gets_no_key_of_ours(self, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
        seen: dict[str, Any] = {}
        real = inspection.subprocess.Popen

        def watch(command: list[str], **options: Any) -> Any:
            seen.update(options["env"])
            return real(command, **options)

        monkeypatch.setattr(inspection.subprocess, "Popen", watch)
        monkeypatch.setenv("DJANGO_SECRET_KEY", "secret")

        assert inspect(build_pdf()).reason is None
        assert seen == {"PYTHONPATH": str(settings.BASE_DIR)}


def test_memory_of_the_server_is_flat() -> None:
    """The process that opens a file pays for it, and ours does not grow with the number of them."""
    content = big_pdf(10 * MEGABYTE)
    inspect(content)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    for _ in range(5):
        inspect(content)

    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 5 * 1024  # KB: less than half of one file
