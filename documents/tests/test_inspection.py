"""Opening strangers' files: what friendly ones look like."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pypdf
import pytest
from PIL import Image

from documents import inspection
from documents.parsing.archives import holds_archive
from documents.tests import hostile
from documents.tests.files import big_pdf, build_jpeg, build_pdf, noise, stream

pytestmark = pytest.mark.slow

PDF, JPEG = "application/pdf", "image/jpeg"
HOSTILE = {file.name: file for file in hostile.files()}
MEGABYTE = 1024 * 1024


def friendly_pdfs() -> Iterator[tuple[str, bytes]]:
    """What scanner apps and printers write, tidy or not."""
    plain = build_pdf(pages=2, more=[stream(b"BT ET")])
    yield "tidy", plain
    yield "200 pages", build_pdf(pages=200)
    yield "no line end", plain.rstrip()
    yield "filled up with zeros", plain + b"\0" * 4096
    yield "Windows line ends", plain.replace(b"\n", b"\r\n")
    yield "table at another place", plain.replace(b"startxref\n", b"startxref\n1")
    yield "entries one off", plain.replace(b"\n00000000", b"\n00000001")
    yield (
        "an outline and a link",
        build_pdf(
            catalog=b"/OpenAction[3 0 R/Fit]",
            more=[b"<</Type/Annot/Subtype/Link/A<</S/URI/URI(https://example.org/)>>>>"],
        ),
    )
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(plain))
    out = io.BytesIO()
    writer.write(out)
    yield "written by a library", out.getvalue()
    writer = pypdf.PdfWriter(io.BytesIO(plain), incremental=True)
    writer.add_metadata({"/Title": "seen twice"})
    out = io.BytesIO()
    writer.write(out)
    yield "changed afterwards", out.getvalue()


def inspect(content: bytes, content_type: str = PDF) -> inspection.Inspected:
    with inspection.place():
        return inspection.inspect(content=content, content_type=content_type)


@pytest.mark.parametrize("content", [pytest.param(c, id=name) for name, c in friendly_pdfs()])
def test_friendly_pdfs_pass_as_they_are(content: bytes) -> None:
    found = inspect(content)

    assert (found.reason, found.size) == (None, len(content))
    assert found.content == content


def test_the_biggest_pdf_passes() -> None:
    content = big_pdf(10 * MEGABYTE)

    assert (len(content), inspect(content).reason) == (10 * MEGABYTE, None)


def test_a_photo_keeps_its_quality() -> None:
    out = io.BytesIO()
    noise((320, 240)).save(out, format="JPEG", quality=90, subsampling=0)

    found = inspect(out.getvalue(), JPEG)

    before, after = (Image.open(io.BytesIO(each)) for each in (out.getvalue(), found.content))
    assert before.quantization == after.quantization  # type: ignore[attr-defined]  # a JPEG's
    apart = [abs(a - b) for a, b in zip(before.tobytes(), after.tobytes(), strict=True)]
    assert sum(apart) / len(apart) < 1


def test_a_photo_with_broken_exif_passes() -> None:
    """Cameras and chat apps write such; the picture is good."""
    photo = build_jpeg(with_gps=True)
    begin = photo.index(b"Exif\0\0") + 6

    for broken in (b"\xff" * 40, b"II*\0\x08\0\0\0\xff\xff" + b"\xff" * 30):
        damaged = photo[:begin] + broken + photo[begin + len(broken) :]
        found = inspect(damaged, JPEG)

        assert found.reason is None
        assert b"Exif" not in found.content


@pytest.mark.parametrize("tag", [b"<svg", b"<SvG", b"<svg \xff\x01\x02\x03", b"<svg>\0\0\0\0"])
def test_pixels_that_spell_a_tag_are_no_page(tag: bytes) -> None:
    """By chance four bytes stand in one of 100 photos of 5 MB."""
    assert inspect(build_jpeg() + b"\x9c" + tag + b"\x9c\xd1\x02", JPEG).reason is None


class TestArchives:
    def test_a_signature_by_chance_is_none(self) -> None:
        chance = (
            b"%PDF-1.7 ..PK\x03\x04\xff\xff\xff\xff.." + b"\xee" * 40 + b"PK\x05\x06" + b"\xee" * 40
        )

        assert not holds_archive(chance)
        assert not holds_archive(b"PK\x03\x04")
        assert not holds_archive(b"PK\x05\x06")

    def test_a_tar_is_one(self) -> None:
        assert holds_archive(b"%PDF-1.7".ljust(257, b"\n") + b"ustar\x0000")


def progressive(size: tuple[int, int]) -> bytes:
    """Return a JPEG that comes coarse first, as the web likes it."""
    out = io.BytesIO()
    Image.new("RGB", size).save(out, format="JPEG", progressive=True)
    return out.getvalue()


@pytest.mark.slow
def test_what_does_not_fit_our_memory_is_too_large_and_not_damaged() -> None:
    assert inspect(progressive((8000, 6000)), JPEG).reason == "too_large"


def test_a_progressive_photo_passes_and_half_of_it_is_damaged() -> None:
    photo = progressive((300, 200))

    assert inspect(photo, JPEG).reason is None
    assert inspect(photo[: len(photo) // 2], JPEG).reason == "malformed"
