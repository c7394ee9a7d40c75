"""A full disk under the counts of ``/metrics`` ends no worker."""

from __future__ import annotations

import errno
import os
from contextlib import ExitStack, closing

import pytest
from prometheus_client.mmap_dict import MmapedDict

from solarium.counting import FIRST_BYTES, ReservedDict


def key(number):
    labels = f'{{"route": "{number:04d}"}}'
    return f'["solarium_requests", "solarium_requests_total", {labels}, "help"]'


@pytest.fixture
def counts(tmp_path):
    return str(tmp_path / "counter_1.db")


@pytest.fixture
def opened(counts):
    """Open the file as a worker does."""
    with ExitStack() as files:
        yield lambda: files.enter_context(closing(ReservedDict(counts)))


@pytest.fixture
def full(monkeypatch):
    """A function: from now on the disk has no room, or has it again."""
    reserve = os.posix_fallocate

    def fill(*, again=False):
        def refuse(*_):
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(os, "posix_fallocate", reserve if again else refuse)

    return fill


def count(file, numbers):
    for number in numbers:
        file.write_value(key(number), number, 0.0)


def kept(file):
    return {key: value for key, value, _ in file.read_all_values()}


def on_disk(path):
    return {key: value for key, value, _, _ in MmapedDict.read_all_values_from_file(path)}


def test_what_is_counted_is_on_reserved_pages(counts, opened):
    file = opened()
    assert os.stat(counts).st_blocks * 512 >= FIRST_BYTES

    count(file, range(2000))

    assert len(on_disk(counts)) == 2000
    assert on_disk(counts) == kept(file)
    size = os.stat(counts)
    assert size.st_blocks * 512 >= size.st_size > FIRST_BYTES


def test_without_room_for_the_file_it_counts_in_memory(counts, opened, full):
    full()

    file = opened()
    count(file, range(2000))

    assert kept(file)[key(1999)] == 1999
    assert not os.path.getsize(counts)


def test_without_room_to_grow_it_goes_on_in_memory(counts, opened, full):
    file = opened()
    count(file, range(10))
    full()

    count(file, range(2000))

    assert len(kept(file)) == 2000
    assert kept(file)[key(9)] == 9
    assert on_disk(counts)[key(9)] == 9


def test_what_was_counted_without_room_is_in_the_file_once_there_is_room(counts, opened, full):
    file = opened()
    full()
    grown_once = FIRST_BYTES // 64
    count(file, range(grown_once))
    full(again=True)

    count(file, range(grown_once, 4 * grown_once))

    assert len(kept(file)) == 4 * grown_once
    assert on_disk(counts) == kept(file)
