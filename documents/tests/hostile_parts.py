"""What hostile files are made of, and what is known about one."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
MEGABYTE = 1024 * 1024
EICAR = (
    rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$"
    rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
)
HTML = b"<!DOCTYPE html><html><body><script>alert(document.cookie)</script></body></html>"


@dataclass(frozen=True, kw_only=True)
class Hostile:
    name: str
    content: bytes
    reason: str
    content_type: str = PDF


def make_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("run.js", "WScript.Echo(1)")
    return out.getvalue()
