"""A relay in front of Azurite, so that faults meet browsers and the backend alike (ADR 0021).

Bodies pass in pieces, both ways. What Azurite is asked is what came: the path as it was spelled,
since signatures cover it, and the ``Host`` too, for the addresses in its answers.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

import aiohttp
from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from sandbox.control import FAULTS_KEY
from sandbox.fault_answers import disturb, reset
from sandbox.local.setup import AZURITE_ACCOUNT

CONNECT_SECONDS: Final = 5.0
# Of one connection only (RFC 9110, 7.6.1); whoever waits for "100 Continue" has it from us.
OF_THE_CONNECTION: Final = (
    *("connection", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization"),
    *("te", "trailer", "transfer-encoding", "upgrade"),
)


class Relay:
    """Passes requests on to the storage at ``url``."""

    def __init__(self, *, url: str) -> None:
        self._url = url.rstrip("/")

    async def run(self, app: web.Application) -> AsyncIterator[None]:
        """Hold the session while the application runs (``cleanup_ctx``)."""
        # Node closes an idle connection when it likes; a body cannot be sent a second time.
        connector = aiohttp.TCPConnector(force_close=True, limit=0)
        async with aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
            auto_decompress=False,
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
        ) as self._session:
            yield

    async def pass_on(self, request: web.Request) -> web.StreamResponse:
        """Answer as the storage does; a storage that is gone is a broken connection."""
        try:
            async with self._session.request(
                request.method,
                URL(self._url + request.rel_url.raw_path_qs, encoded=True),
                headers=_end_to_end(request.headers),
                data=request.content if request.body_exists else None,
                allow_redirects=False,
            ) as theirs:
                ours = web.StreamResponse(
                    status=theirs.status, reason=theirs.reason, headers=_end_to_end(theirs.headers)
                )
                await ours.prepare(request)
                async for piece in theirs.content.iter_any():
                    await ours.write(piece)
                await ours.write_eof()
                return ours
        except aiohttp.ClientError:
            return reset(request)


RELAY_KEY = web.AppKey("relay", Relay)


def _end_to_end(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    return CIMultiDict(
        (name, value) for name, value in headers.items() if name.lower() not in OF_THE_CONNECTION
    )


async def _relay(request: web.Request) -> web.StreamResponse:
    fault = request.app[FAULTS_KEY].take(provider="azure_blob")
    disturbed = await disturb(request, provider="azure_blob", fault=fault)
    return await request.app[RELAY_KEY].pass_on(request) if disturbed is None else disturbed


ROUTES: Final = (
    web.route("*", f"/{AZURITE_ACCOUNT}", _relay),
    web.route("*", f"/{AZURITE_ACCOUNT}/{{rest:.*}}", _relay),
)
