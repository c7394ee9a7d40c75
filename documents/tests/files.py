"""Small files of the three types, made here: what a friendly uploader sends."""

from __future__ import annotations

import io
import random
from collections.abc import Iterable

from PIL import Image

RED, GREEN, BLUE = (220, 20, 20), (20, 220, 20), (20, 20, 220)
GPS_IFD, ORIENTATION = 0x8825, 0x0112


def build_pdf(*, pages: int = 1, catalog: bytes = b"", more: Iterable[bytes] = ()) -> bytes:
    """Return a PDF with a correct table.

    Args:
        catalog: Stands in the catalog beside its pages, e.g. ``b"/OpenAction 5 0 R"``.
        more: Objects; the first one's number is 3 + ``pages``.
    """
    kids = b" ".join(b"%d 0 R" % (3 + page) for page in range(pages))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R%b>>" % catalog,
        b"<</Type/Pages/Kids[%b]/Count %d>>" % (kids, pages),
        *[b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"] * pages,
        *more,
    ]
    return write_pdf(objects)


def write_pdf(objects: Iterable[bytes], *, trailer: bytes = b"") -> bytes:
    """Return the objects, numbered from 1, with table and trailer; the first is the catalog."""
    out, places = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<</Size %d/Root 1 0 R%b>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(places) + 1,
        trailer,
        start,
    )
    return bytes(out)


def stream(content: bytes, about: bytes = b"") -> bytes:
    """Return a stream object's body."""
    return b"<</Length %d%b>>\nstream\n%b\nendstream" % (len(content), about, content)


def pack_pdf(packed: bytes, *, count: int, first: int) -> bytes:
    """Return a PDF whose objects 1 to ``count`` stand in one deflated object stream.

    Args:
        packed: Deflated: numbers and offsets, then from ``first`` on the objects.
    """
    body = b"%PDF-1.7\n"
    about = b"/Type/ObjStm/N %d/First %d/Filter/FlateDecode" % (count, first)
    stream_at = len(body)
    body += b"%d 0 obj\n%b\nendobj\n" % (count + 1, stream(packed, about))
    table_at = len(body)
    rows = b"\0\0\0\0\xff"
    rows += b"".join(b"\2" + (count + 1).to_bytes(3) + bytes([n]) for n in range(count))
    rows += b"".join(b"\1" + place.to_bytes(3) + b"\0" for place in (stream_at, table_at))
    about = b"/Type/XRef/Size %d/W[1 3 1]/Root 1 0 R" % (count + 3)
    body += b"%d 0 obj\n%b\nendobj\n" % (count + 2, stream(rows, about))
    return body + b"startxref\n%d\n%%%%EOF\n" % table_at


def big_pdf(size: int) -> bytes:
    """Return a PDF of exactly so many bytes, most of them a scan that does not compress."""
    frame = len(build_pdf(more=[stream(b"")]))
    # The lengths are written in digits: fill up with spaces, which may follow the end.
    scan = random.Random(6).randbytes(size - frame - 32)  # noqa: S311  (no secret)
    whole = build_pdf(more=[stream(scan)])
    return whole + b" " * (size - len(whole))


def build_jpeg(
    *, size: tuple[int, int] = (64, 32), orientation: int = 1, with_gps: bool = False
) -> bytes:
    """Return a JPEG as the sensor saw it: red over green at the left, blue at the right."""
    picture = Image.new("RGB", size, RED)
    picture.paste(GREEN, (0, size[1] // 2, *size))
    picture.paste(BLUE, (size[0] // 2, 0, *size))
    exif = Image.Exif()
    if orientation != 1:
        exif[ORIENTATION] = orientation
    if with_gps:
        exif[0x010F] = "A camera of Nagpur"
        exif.get_ifd(GPS_IFD).update({1: "N", 2: (21.0, 8.0, 45.0), 3: "E", 4: (79.0, 5.0, 17.0)})
    out = io.BytesIO()
    picture.save(out, format="JPEG", quality=95, exif=exif, comment=b"taken at home")
    return out.getvalue()


def build_png(*, size: tuple[int, int] = (40, 30), mode: str = "RGB") -> bytes:
    """Return a PNG of one color."""
    out = io.BytesIO()
    Image.new(mode, size).save(out, format="PNG")
    return out.getvalue()


def noise(size: tuple[int, int]) -> Image.Image:
    """Return a picture that no format packs well."""
    width, height = size
    grains = random.Random(6).randbytes(width * height * 3)  # noqa: S311  (no secret)
    return Image.frombytes("RGB", size, grains)
