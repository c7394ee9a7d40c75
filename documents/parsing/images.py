"""JPEG and PNG: decoded whole and written anew, so that nothing but the picture is served.

`Image.verify` passes a JPEG that is cut in half (measured with Pillow 13.0.0), so the pixels
themselves are read. What is written has no EXIF, GPS, XMP, comment, thumbnail or color profile,
and stands upright, or says how it lies where it is too large to be turned.
"""

from __future__ import annotations

import io
import re
from typing import Any

from PIL import ExifTags, Image, ImageFile, JpegImagePlugin

from documents.parsing.archives import holds_archive
from documents.parsing.refusals import MALFORMED, TOO_LARGE, TYPE_MISMATCH, Refused

FORMATS = {
    "image/jpeg": ("JPEG", b"\xff\xd8\xff"),
    "image/png": ("PNG", b"\x89PNG\r\n\x1a\n"),
}
PNG_END = b"IEND\xae\x42\x60\x82"
# What a browser or a reader would take for a page, a script or a PDF. Cameras write nothing of it.
# Four bytes of pixels spell `<svg`, in some case, in one of 100 photos of 5 MB: it counts only with
# text behind it.
OTHER_FORMATS = re.compile(
    rb"%PDF-|<(?:!doctype|html|script|svg(?=[\s/>][\s -~]{4})|iframe|body|\?php)", re.IGNORECASE
)
PNG_COMPRESSION = 3  # of 9: a third of the time of 6, some percent larger
# By the orientation of EXIF; 1 is upright. `ImageOps.exif_transpose` would write the EXIF anew, and
# fail on photos whose other entries are broken.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# A progressive JPEG is in memory twice while it is decoded, as coefficients and as pixels.
PROGRESSIVE_COSTS = 2
KEPT_INFO = ("transparency",)  # of a PNG: which color or shade is seen through

Image.MAX_IMAGE_PIXELS = None  # our own limit is below Pillow's and has its own reason
ImageFile.LOAD_TRUNCATED_IMAGES = False


def clean(content: bytes, *, content_type: str, most_pixels: int) -> bytes:
    """Return the picture alone, in the same format and quality.

    Raises:
        Refused: ``type_mismatch``, ``too_large`` or ``malformed``.
    """
    name, signature = FORMATS[content_type]
    if not content.startswith(signature):
        raise Refused(TYPE_MISMATCH)
    if name == "PNG" and not content.endswith(PNG_END):
        raise Refused(MALFORMED)
    if OTHER_FORMATS.search(content) or holds_archive(content):
        raise Refused(MALFORMED)
    with Image.open(io.BytesIO(content), formats=(name,)) as picture:
        pixels = picture.width * picture.height
        if pixels > most_pixels:
            raise Refused(TOO_LARGE)
        try:
            picture.load()
        except OSError:
            # The decoder says the same of a picture that is damaged and of memory that is short.
            if picture.info.get("progressive") and pixels > most_pixels // PROGRESSIVE_COSTS:
                raise Refused(TOO_LARGE) from None
            raise
        return _written(picture, name)


def _written(picture: Image.Image, name: str) -> bytes:
    options: Any = {"compress_level": PNG_COMPRESSION}
    if isinstance(picture, JpegImagePlugin.JpegImageFile):
        # Its own tables: nothing is lost beyond what it lost already.
        options = {"qtables": picture.quantization}
        sampling = JpegImagePlugin.get_sampling(picture)
        if sampling >= 0:
            options["subsampling"] = sampling
    orientation = _orientation(picture)
    if orientation in TURNS:
        try:
            picture = picture.transpose(TURNS[orientation])
        except MemoryError:
            # Two copies of a large one do not fit: it stays as it lies, and readers turn it.
            options["exif"] = _only(orientation)
    # Pillow writes comments and profiles of its own accord where it finds them here.
    picture.info = {key: picture.info[key] for key in KEPT_INFO if key in picture.info}
    out = io.BytesIO()
    picture.save(out, format=name, **options)
    return out.getvalue()


def _orientation(picture: Image.Image) -> int:
    """Return the orientation of EXIF; 1, upright, also where nobody can tell."""
    try:
        return int(picture.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # noqa: BLE001  (cameras write broken EXIF; the picture is good)
        return 1


def _only(orientation: int) -> bytes:
    """Return EXIF that says nothing else."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return exif.tobytes()
