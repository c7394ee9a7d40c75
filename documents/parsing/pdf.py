"""PDF: it opens, it has pages, and it does nothing but be read.

pypdf reads leniently, since scanner apps write sloppy tables; what it must not be lenient about is
checked here. A reader that rebuilds a broken table sees objects that pypdf does not: so the bytes
are searched as well as the objects. Streams of pages are never unpacked.
"""

from __future__ import annotations

import io
import re
from typing import Any

import pypdf
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject, NullObject

from documents.parsing.archives import holds_archive
from documents.parsing.refusals import (
    ACTIVE_CONTENT,
    ENCRYPTED,
    MALFORMED,
    TOO_LARGE,
    TYPE_MISMATCH,
    Refused,
)

HEADER, END = b"%PDF-", b"%%EOF"
HEADER_WITHIN = 1024  # bytes; where readers still look for it
WHITE = b"\0\t\n\f\r "  # ISO 32000-1, 7.2.2; some scanners fill up with zeros
# Keys and values: scripts, starting programs, files within, and forms that are programs.
ACTIVE = frozenset(
    (
        *("/JavaScript", "/JS", "/Launch", "/RichMedia", "/XFA"),
        *("/EmbeddedFile", "/EmbeddedFiles", "/EF"),
    )
)
# Only names long enough not to stand in packed data by chance.
_ACTIVE_BYTES = re.compile(rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia)(?![A-Za-z0-9])")
_ESCAPED_NAME = re.compile(rb"/[A-Za-z]{0,13}#[0-9A-Fa-f]{2}[A-Za-z0-9#]{0,40}")
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_ENCRYPT = re.compile(rb"/Encrypt(?![A-Za-z])")
_MOST_NODES = 10_000  # of the page tree: more than 200 pages need, however they are stacked


def check(content: bytes, *, most_pages: int) -> None:
    """Look at a PDF.

    Raises:
        Refused: ``type_mismatch``, ``malformed``, ``encrypted``, ``active_content`` or
            ``too_large``.
    """
    if not content.startswith(HEADER):
        inside = HEADER in content[:HEADER_WITHIN]
        raise Refused(MALFORMED if inside else TYPE_MISMATCH)
    if not content.rstrip(WHITE).endswith(END) or holds_archive(content):
        raise Refused(MALFORMED)
    reader = _opened(content)
    if reader.is_encrypted:
        raise Refused(ENCRYPTED)
    _refuse_active_bytes(content)
    _refuse_active_objects(reader)
    if _count_pages(reader, most_pages) == 0:
        raise Refused(MALFORMED)


def _opened(content: bytes) -> pypdf.PdfReader:
    try:
        return pypdf.PdfReader(io.BytesIO(content), strict=False)
    except Exception:
        # Also a lock of a kind that pypdf does not know ends here.
        if _ENCRYPT.search(content):
            raise Refused(ENCRYPTED) from None
        raise


def _refuse_active_bytes(content: bytes) -> None:
    if _ACTIVE_BYTES.search(content):
        raise Refused(ACTIVE_CONTENT)
    for found in _ESCAPED_NAME.finditer(content):
        plain = _ESCAPE.sub(lambda hex_: bytes([int(hex_[1], 16)]), found[0])
        if _ACTIVE_BYTES.match(plain):
            raise Refused(ACTIVE_CONTENT)


def _refuse_active_objects(reader: pypdf.PdfReader) -> None:
    """Look at every object that the tables name, also at those that nothing points to."""
    numbers = {
        (number, generation) for generation, found in reader.xref.items() for number in found
    }
    numbers |= {(number, 0) for number in reader.xref_objStm}
    _refuse_active(reader.trailer)
    for number, generation in sorted(numbers):
        try:
            found = reader.get_object(IndirectObject(number, generation, reader))
        except pypdf.errors.PyPdfError:
            continue  # a wrong entry, as sloppy tables have them; its bytes were searched
        _refuse_active(found)


def _refuse_active(found: Any) -> None:
    """Look through one object, not through those that it points to."""
    waiting = [found]
    while waiting:
        value = waiting.pop()
        if isinstance(value, DictionaryObject):
            if not ACTIVE.isdisjoint(value):
                raise Refused(ACTIVE_CONTENT)
            waiting.extend(value.raw_get(key) for key in value)
        elif isinstance(value, ArrayObject):
            waiting.extend(list.__iter__(value))
        elif isinstance(value, NameObject) and value in ACTIVE:
            raise Refused(ACTIVE_CONTENT)


def _count_pages(reader: pypdf.PdfReader, most_pages: int) -> int:
    """Walk the page tree as far as is allowed; a page that is named must be there."""
    pages, nodes = 0, 0
    waiting: list[Any] = [reader.root_object.get("/Pages")]
    while waiting:
        node = waiting.pop()
        nodes += 1
        node = node.get_object() if isinstance(node, IndirectObject) else node
        if nodes > _MOST_NODES or not isinstance(node, DictionaryObject):
            raise Refused(MALFORMED)
        kids = node.get("/Kids")
        if kids is not None:
            kids = kids.get_object()
            if not isinstance(kids, ArrayObject):
                raise Refused(MALFORMED)
            waiting.extend(list.__iter__(kids))
            continue
        _refuse_lost_drawing(node)
        pages += 1
        if pages > most_pages:
            raise Refused(TOO_LARGE)
    return pages


def _refuse_lost_drawing(page: DictionaryObject) -> None:
    """A page that points to a drawing which is not in the file: the file was cut."""
    if "/Contents" in page:
        drawing = page["/Contents"]
        parts = drawing if isinstance(drawing, ArrayObject) else [drawing]
        if any(isinstance(part.get_object(), NullObject | None) for part in parts):
            raise Refused(MALFORMED)
