"""Azure's blob storage: what is asked of it goes on to Azurite, byte by byte (ADR 0021).

So that a fault of the storage meets browsers and backend alike, as it would in an outage.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Final

import aiohttp
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

ACCOUNT: Final = "devstoreaccount1"  # Azurite's
CONNECT_SECONDS: Final = 5.0
PIECE_BYTES: Final = 64 * 1024
# About one connection, not about what goes over it (RFC 9110, 7.6.1); Expect is answered here.
HOP_BY_HOP: Final = frozenset(
    ("connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "expect")
)


class Relay:
    """Passes requests on to ``url``; it holds no file, only pieces on their way."""

    def __init__(self, *, url: str) -> None:
        self._url = url.rstrip("/")

    async def run(self, app: web.Application) -> AsyncIterator[None]:
        """Hold the connections while the application runs (``cleanup_ctx``)."""
        async with aiohttp.ClientSession(
            auto_decompress=False,
            connector=aiohttp.TCPConnector(limit=0),
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
        ) as self._session:
            yield

    async def pass_on(self, request: web.Request) -> web.StreamResponse:
        """Ask Azurite the same; the path goes as it came, since links sign its spelling."""
        try:
            async with self._session.request(
                request.method,
                URL(self._url + request.raw_path, encoded=True),
                headers=_kept(request.headers),
                data=request.content if request.can_read_body else None,
                allow_redirects=False,
            ) as found:
                answer = web.StreamResponse(
                    status=found.status, reason=found.reason, headers=_kept(found.headers)
                )
                await answer.prepare(request)
                async for piece in found.content.iter_chunked(PIECE_BYTES):
                    await answer.write(piece)
                await answer.write_eof()
                return answer
        except aiohttp.ClientConnectorError:
            return web.Response(status=502, text="Azurite does not answer.")


STORAGE_KEY = web.AppKey("storage", Relay)


def error(status: int, code: str, message: str) -> web.Response:
    """Answer in the shape of Azure's errors."""
    xml = (
        '<?xml version="1.0" encoding="utf-8"?>'
        f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    )
    return web.Response(
        status=status, text=xml, content_type="application/xml", headers={"x-ms-error-code": code}
    )


def _kept(headers: Mapping[str, str]) -> CIMultiDict[str]:
    return CIMultiDict(
        (name, value) for name, value in headers.items() if name.lower() not in HOP_BY_HOP
    )
