"""Pictures that are none, are broken, unpack to too much, or are something else too."""

from __future__ import annotations

import io
from collections.abc import Iterator

from PIL import Image

from documents.tests.files import build_jpeg, build_pdf, build_png, noise
from documents.tests.hostile_parts import HTML, JPEG, MEGABYTE, PNG, Hostile, make_zip

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def pictures() -> Iterator[Hostile]:
    """Make them all."""

    def picture(name: str, content: bytes, reason: str, content_type: str = JPEG) -> Hostile:
        return Hostile(name=name, content=content, reason=reason, content_type=content_type)

    out = io.BytesIO()
    noise((300, 200)).save(out, format="JPEG")
    photo = out.getvalue()
    yield picture("JPEG cut in half", photo[: len(photo) // 2], "malformed")
    yield picture("JPEG bomb", _widened(build_jpeg()), "too_large")
    yield picture("JPEG of 51 megapixels", _flat((7200, 7100)), "too_large")
    yield picture("PNG bomb", build_png(size=(7200, 7100), mode="1"), "too_large", PNG)
    yield picture("JPEG and ZIP", photo + make_zip(), "malformed")
    yield picture("JPEG and HTML", photo + HTML, "malformed")
    yield picture("JPEG and PDF", photo + build_pdf(), "malformed")
    png = build_png()
    yield picture("PNG and ZIP", png + make_zip(), "malformed", PNG)
    yield picture("PNG and anything", png + b"anything", "malformed", PNG)
    yield picture("PNG with a damaged part", png.replace(b"IDAT", b"IDAT\0", 1), "malformed", PNG)
    yield picture("PNG named .jpg", png, "type_mismatch")
    yield picture("SVG", SVG, "type_mismatch", PNG)
    yield picture("PDF named .png", build_pdf(), "type_mismatch", PNG)
    yield picture("empty picture", b"", "malformed", PNG)
    yield picture("signature only", png[:8], "malformed", PNG)
    yield picture("too many bytes of a picture", png + b"\0" * 5 * MEGABYTE, "too_large", PNG)


def _flat(size: tuple[int, int]) -> bytes:
    out = io.BytesIO()
    Image.new("L", size).save(out, format="JPEG")
    return out.getvalue()


def _widened(jpeg: bytes) -> bytes:
    """Return a small JPEG that says that it is 65,000 by 65,000 pixels."""
    at = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:at] + (65_000).to_bytes(2) * 2 + jpeg[at + 4 :]
