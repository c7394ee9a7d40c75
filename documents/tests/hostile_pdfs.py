"""PDFs that are none, are broken, are something else too, are locked, or act."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator

import pypdf

from documents.tests.files import build_jpeg, build_pdf, pack_pdf, stream, write_pdf
from documents.tests.hostile_parts import HTML, MEGABYTE, Hostile, make_zip

SCRIPT = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"


def pdfs() -> Iterator[Hostile]:
    """Make them all."""
    yield from _no_pdfs()
    yield from _broken_pdfs()
    yield from _two_formats()
    yield from _locked_pdfs()
    yield from _acting_pdfs()


def _no_pdfs() -> Iterator[Hostile]:
    program = b"MZ\x90\0\x03\0\0\0" + b"\0" * 52 + b"\x80\0\0\0" + b"\0" * 64 + b"PE\0\0L\x01"
    yield Hostile(name="EXE named .pdf", content=program, reason="type_mismatch")
    yield Hostile(name="ELF", content=b"\x7fELF\x02\x01\x01" + b"\0" * 64, reason="type_mismatch")
    yield Hostile(name="HTML", content=HTML, reason="type_mismatch")
    utf16 = HTML.decode().encode("utf-16")
    yield Hostile(name="UTF-16 HTML", content=utf16, reason="type_mismatch")
    yield Hostile(name="JPEG named .pdf", content=build_jpeg(), reason="type_mismatch")
    yield Hostile(name="empty", content=b"", reason="malformed")
    yield Hostile(
        name="too many bytes", content=b"%PDF-" + b" " * 10 * MEGABYTE, reason="too_large"
    )


def _broken_pdfs() -> Iterator[Hostile]:
    whole = build_pdf(pages=3, more=[stream(b"0" * 5000)])
    yield Hostile(name="truncated PDF", content=whole[: len(whole) // 2], reason="malformed")
    cut = whole[: len(whole) // 2] + b"\n%%EOF\n"
    yield Hostile(name="truncated PDF with an end", content=cut, reason="malformed")
    yield Hostile(name="header only", content=b"%PDF-1.7\n%%EOF\n", reason="malformed")
    yield Hostile(name="no pages", content=build_pdf(pages=0), reason="malformed")
    yield Hostile(name="201 pages", content=build_pdf(pages=201), reason="too_large")
    lost = write_pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/Contents 9 0 R>>",
        ]
    )
    yield Hostile(name="drawing not in the file", content=lost, reason="malformed")
    ring = write_pdf(
        [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>"]
    )
    yield Hostile(name="pages in a ring", content=ring, reason="malformed")
    doubling = [
        b"<</Type/Pages/Kids[%d 0 R %d 0 R]/Count 1>>" % (n + 1, n + 1) for n in range(2, 40)
    ]
    many = write_pdf([b"<</Type/Catalog/Pages 2 0 R>>", *doubling, b"<</Type/Page>>"])
    yield Hostile(name="a billion pages", content=many, reason="too_large")
    deep = build_pdf(more=[b"[" * 100_000 + b"]" * 100_000])
    yield Hostile(name="nested 100,000 deep", content=deep, reason="malformed")
    yield Hostile(name="flate bomb", content=_bomb(), reason="malformed")


def _bomb() -> bytes:
    """Return a PDF whose objects stand in a stream that unpacks to 1 GB."""
    packer = zlib.compressobj(9)
    head = b"1 0 2 30 " + b"<</Type/Catalog/Pages 2 0 R>> "
    packed = packer.compress(head)
    packed += packer.flush(zlib.Z_FULL_FLUSH)
    # After a full flush a block stands for itself and may be repeated.
    blank = packer.compress(b" " * MEGABYTE) + packer.flush(zlib.Z_FULL_FLUSH)
    packed += blank * 1024 + packer.flush()
    return pack_pdf(packed, count=2, first=len(b"1 0 2 30 "))


def _two_formats() -> Iterator[Hostile]:
    pdf, archive = build_pdf(), make_zip()
    yield Hostile(name="HTML before PDF", content=HTML + pdf, reason="malformed")
    yield Hostile(name="blank before PDF", content=b"\n" + pdf, reason="malformed")
    yield Hostile(name="HTML after PDF", content=pdf + HTML, reason="malformed")
    yield Hostile(name="ZIP before PDF", content=archive + pdf, reason="malformed")
    yield Hostile(name="ZIP after PDF", content=pdf + archive, reason="malformed")
    inside = build_pdf(more=[stream(archive)])
    yield Hostile(name="ZIP inside PDF", content=inside, reason="malformed")
    far = build_pdf(more=[stream(archive), stream(b"0" * 200_000)])
    yield Hostile(name="ZIP far from the end of PDF", content=far, reason="malformed")
    # The archive's own comment reaches to the end of the file, as a PDF's end.
    at = archive.rindex(b"PK\x05\x06") + 20
    end = b"\n%%EOF\n"
    comment = archive[:at] + len(end).to_bytes(2, "little") + end
    yield Hostile(name="ZIP with %%EOF as comment", content=pdf + comment, reason="malformed")
    nothing = build_pdf(more=[stream(b"PK\x05\x06" + b"\0" * 18)])
    yield Hostile(name="empty ZIP inside PDF", content=nothing, reason="malformed")
    seven = build_pdf(more=[stream(b"7z\xbc\xaf\x27\x1c\0\4" + b"\0" * 24)])
    yield Hostile(name="7z inside PDF", content=seven, reason="malformed")


def _locked_pdfs() -> Iterator[Hostile]:
    for user, name in (("aadhaar", "a password"), ("", "an owner's password only")):
        for algorithm in ("RC4-128", "AES-256"):
            writer = pypdf.PdfWriter(clone_from=io.BytesIO(build_pdf()))
            writer.encrypt(user, "owner", algorithm=algorithm)
            out = io.BytesIO()
            writer.write(out)
            yield Hostile(
                name=f"locked by {name}, {algorithm}", content=out.getvalue(), reason="encrypted"
            )
    own = write_pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R>>",
            b"<</Filter/Adobe.PubSec/V 4>>",
        ],
        trailer=b"/Encrypt 4 0 R",
    )
    yield Hostile(name="locked by a certificate", content=own, reason="encrypted")


def _acting_pdfs() -> Iterator[Hostile]:
    def acting(name: str, catalog: bytes, *more: bytes) -> Hostile:
        content = build_pdf(catalog=catalog, more=more)
        return Hostile(name=name, content=content, reason="active_content")

    yield acting("JavaScript at opening", b"/OpenAction 4 0 R", SCRIPT)
    yield acting("JavaScript by name", b"/Names<</JavaScript<</Names[(a)4 0 R]>>>>", SCRIPT)
    yield acting("JavaScript under a spelling", b"/OpenAction 4 0 R", _misspelt(SCRIPT))
    packed = zlib.compress(SCRIPT)
    yield acting("JavaScript that nothing points to", b"", SCRIPT)
    yield acting(
        "script in an action of a page",
        b"/AA<</WC 4 0 R>>",
        b"<</S/JavaScript/JS 5 0 R>>",
        stream(packed, b"/Filter/FlateDecode"),
    )
    yield acting("Launch", b"/OpenAction<</S/Launch/F(cmd.exe)>>")
    yield acting(
        "a file within",
        b"/Names<</EmbeddedFiles<</Names[(a.exe)4 0 R]>>>>",
        b"<</Type/Filespec/F(a.exe)/EF<</F 5 0 R>>>>",
        stream(b"MZ", b"/Type/EmbeddedFile"),
    )
    yield Hostile(name="JavaScript in packed objects", content=_packed(), reason="active_content")
    # Another reader, rebuilding the table, finds what the table does not name.
    table = b"xref\n0 4"
    plain = build_pdf()
    hidden = plain.replace(table, b"%9d 0 obj" % 9 + SCRIPT + b"endobj\n" + table)
    start = b"startxref\n%d\n"
    hidden = hidden.replace(start % plain.index(table), start % hidden.index(table))
    yield Hostile(name="JavaScript not in the table", content=hidden, reason="active_content")


def _misspelt(script: bytes) -> bytes:
    return script.replace(b"/JavaScript/JS", b"/J#61v#61Script/#4aS")


def _packed() -> bytes:
    """Return a PDF whose script stands in a compressed object stream only."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R/OpenAction 4 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R>>",
        SCRIPT,
    ]
    places, text = [], b""
    for number, body in enumerate(objects, start=1):
        places.append(b"%d %d" % (number, len(text)))
        text += body + b" "
    head = b" ".join(places) + b" "
    return pack_pdf(zlib.compress(head + text), count=len(objects), first=len(head))
