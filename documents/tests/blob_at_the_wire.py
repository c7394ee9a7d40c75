"""The storage's answers about one blob, without a storage."""

from __future__ import annotations

from typing import Any

from documents.tests.files import build_pdf

PDF = "application/pdf"
FILE = build_pdf()


def asked_range(request: Any) -> tuple[int, int]:
    first, _, last = request.headers["x-ms-range"].removeprefix("bytes=").partition("-")
    return int(first), int(last)


class Storage:
    """The blob of one document, answered for at the wire."""

    def __init__(self, wire: Any, url: str) -> None:
        self.wire, self.url = wire, url

    def holds(self, content: bytes = FILE, *, content_type: str = PDF, then: Any = None) -> None:
        def answer(request: Any) -> Any:
            if then:
                then()
            first, last = asked_range(request)
            read = content[first : last + 1]
            headers = {
                "Content-Length": str(len(read)),
                "Content-Range": f"bytes {first}-{first + len(read) - 1}/{len(content)}",
                "ETag": '"0x8D1"',
            }
            if content_type:
                headers["Content-Type"] = content_type
            return 206, headers, read

        self.wire.mock.add_callback("GET", self.url, callback=answer, content_type=None)
        self.wire.mock.delete(self.url, status=202)

    def is_empty_handed(self) -> None:
        self.wire.mock.get(self.url, status=404, headers={"x-ms-error-code": "BlobNotFound"})

    def fails(self, **answer: Any) -> None:
        self.wire.mock.get(self.url, **answer)

    def methods(self) -> list[str]:
        return [call.request.method for call in self.wire.mock.calls]
