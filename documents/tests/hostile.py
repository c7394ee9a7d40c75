"""Files that are not what they claim to be, each with the reason why it is refused.

    python -m documents.tests.hostile DIRECTORY

writes them to look at; the tests upload them to the storage emulator.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from documents.tests.hostile_parts import JPEG, PDF, PNG, Hostile
from documents.tests.hostile_pdfs import pdfs
from documents.tests.hostile_pictures import pictures


def files() -> Iterator[Hostile]:
    """Make them all."""
    yield from pdfs()
    yield from pictures()


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for number, file in enumerate(files(), start=1):
        suffix = {PDF: "pdf", JPEG: "jpg", PNG: "png"}[file.content_type]
        name = f"{number:02} {file.name} ({file.reason}).{suffix}"
        (folder / name).write_bytes(file.content)


if __name__ == "__main__":
    main()
