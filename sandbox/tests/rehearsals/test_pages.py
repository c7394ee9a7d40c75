"""The table of ``docs/rehearsals`` says what its pages say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sandbox.rehearsal import expected, report

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "rehearsals"
README = (FOLDER / "README.md").read_text()
ROW = re.compile(r"^\| (\w+) \| \[([\w-]+)\]\(([\w.-]+)\) \| (.+) \|$", re.MULTILINE)
ROWS = ROW.findall(README)
TIMES = (
    r"the longest took ([\d.]+) s",
    r"opened after ([\d.]+) s",
    r"The alert \(\w+\) came after ([\d.]+) s",
    r"The service was back ([\d.]+) s",
    r"The alert was over ([\d.]+) s",
)


def test_every_page_has_its_row_and_its_picture() -> None:
    pages = {page.name for page in FOLDER.glob("*.md")} - {"README.md"}

    assert pages == {name for _, _, name, _ in ROWS}
    assert pages == {picture.with_suffix(".md").name for picture in FOLDER.glob("*.svg")}


def test_what_has_no_page_is_named() -> None:
    all_of_them = {
        (name, fault) for name, faults in expected.rehearsed().items() for fault in faults
    }
    shown = {(provider, fault) for provider, fault, _, _ in ROWS}

    assert shown <= all_of_them
    assert all_of_them - shown == {
        *(("sendgrid", fault) for fault in ("drip", "502-html")),
        *(("azure_blob", fault) for fault in ("drip", "502-html", "200-error", "429")),
    }


@pytest.mark.parametrize(("provider", "fault", "name", "cells"), ROWS)
def test_a_row_says_what_its_page_says(provider: str, fault: str, name: str, cells: str) -> None:
    page = (FOLDER / name).read_text()
    told, *times = cells.split(" | ")
    wanted = expected.expect(provider=provider, fault=fault)

    assert f"# Rehearsed: {provider}, {fault}\n" in page
    assert report.WELL in page
    assert "| not seen |" not in page
    assert wanted
    if not wanted.is_noticed:
        assert told.startswith("nothing")
        assert times[1:] == ["stays closed", "none", "–", "–"]
        return
    assert told == f"{wanted.status} `{wanted.code}`"
    assert f"told {wanted.status} {wanted.code}, “{wanted.detail}”" in page
    for cell, pattern in zip(times, TIMES, strict=True):
        found = re.search(pattern, page)
        if cell == "stays closed":
            assert not found
            assert f"The breaker of {provider} stayed closed." in page
        else:
            assert found
            digits = len(cell.removesuffix(" s").partition(".")[2])
            assert cell == f"{float(found[1]):.{digits}f} s"
