"""The pages of the tree and what stands in them, for the tests that hold them to the code."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_NOT_OURS = {"node_modules", "var"}
PAGES = [
    *ROOT.glob("*.md"),
    *(
        page
        for folder in sorted(ROOT.iterdir())
        if folder.is_dir() and folder.name not in _NOT_OURS and not folder.name.startswith(".")
        for page in sorted(folder.rglob("*.md"))
        if "node_modules" not in page.parts
    ),
]


def prose(page: Path) -> str:
    """Return a page without its blocks of code."""
    return re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)


def rows(name: str, heading: str) -> list[list[str]]:
    """Return the cells of each row of the tables in a chapter of a page, without their heads."""
    _, found, rest = (ROOT / name).read_text().partition(f"\n## {heading}\n")
    assert found, f"{name}: {heading}"
    lines = re.split(r"^## ", rest, maxsplit=1, flags=re.MULTILINE)[0].splitlines()
    return [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for before, line in zip(["", *lines], lines, strict=False)
        if line.startswith("| ") and before.startswith(("| ", "|--"))
    ]


def quoted(cells: list[str]) -> list[str]:
    """Return what stands in backquotes."""
    return [each for cell in cells for each in re.findall(r"`([^`]+)`", cell)]
