"""Archives hidden in another file: whoever unpacks them reads something else than who looks at it.

Archives are found from their end or from anywhere in a file, so the place does not matter (PKWARE's
APPNOTE 6.3.10, read 2026-11-24). A signature of four bytes stands by chance in one of 400 files of
10 MB: only one with plausible fields behind it counts.
"""

from __future__ import annotations

import struct

LOCAL_HEADER = b"PK\x03\x04"
CENTRAL_HEADER = b"PK\x01\x02"
END_OF_ARCHIVE = b"PK\x05\x06"
# Six bytes and more: by chance in none of a million files.
OTHER_ARCHIVES = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c")
TAR_MAGIC, TAR_MAGIC_AT = b"ustar", 257

_MOST_VERSION = 63
_METHODS = {*range(20), *range(93, 100)}
_LONGEST_NAME = 1024


def holds_archive(content: bytes) -> bool:
    """Whether something opens as ZIP, RAR, 7z or tar, wherever it stands in a file."""
    return (
        any(_is_entry(content, at) for at in _places(content, LOCAL_HEADER))
        or any(_is_end(content, at) for at in _places(content, END_OF_ARCHIVE))
        or any(magic in content for magic in OTHER_ARCHIVES)
        or content.startswith(TAR_MAGIC, TAR_MAGIC_AT)
    )


def _places(content: bytes, signature: bytes) -> list[int]:
    found, at = [], content.find(signature)
    while at >= 0:
        found.append(at)
        at = content.find(signature, at + 1)
    return found


def _is_entry(content: bytes, at: int) -> bool:
    """Whether a local file header with a name that can be one stands there."""
    header = content[at + 4 : at + 30]
    if len(header) < 26:
        return False
    version, _, method, *_, name_length, _ = struct.unpack("<5H3I2H", header)
    name = content[at + 30 : at + 30 + name_length]
    return (
        version & 0xFF <= _MOST_VERSION
        and method in _METHODS
        and 0 < name_length <= _LONGEST_NAME
        and all(byte >= 0x20 for byte in name)
    )


def _is_end(content: bytes, at: int) -> bool:
    """Whether the end of a one-volume archive stands there, with or without entries before it."""
    record = content[at + 4 : at + 22]
    if len(record) < 18:
        return False
    disk, first_disk, here, entries, *_ = struct.unpack("<4H2IH", record)
    one_volume = {disk, first_disk} <= {0, 0xFFFF} and here == entries
    return one_volume and (entries == 0 or content.rfind(CENTRAL_HEADER, 0, at) >= 0)
