"""What a provider does instead of answering, each in its own words."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox import azure_blob, msg91, sendgrid, twilio
from sandbox.control import FAULTS_KEY
from sandbox.faults import Pace

RETRY_AFTER_SECONDS = 30

BAD_GATEWAY_PAGE = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n"
    "</body>\r\n</html>\r\n"
)
# What a network that wants a login first says in the storage's place.
SIGN_IN_PAGE = "<html><head><title>Sign in to this network</title></head><body></body></html>"

Answer = Callable[[], Awaitable[web.StreamResponse]]


async def answer_or_fail(
    request: web.Request, provider: str, answer: Answer, unreported: Answer | None = None
) -> web.StreamResponse:
    """Answer, unless a fault of the provider is under way.

    Args:
        unreported: Answers as well, but nobody reports what became of it.
    """
    faults = request.app[FAULTS_KEY]
    fault = faults.take(provider=provider)
    if fault is None:
        return await answer()
    if fault == "no-report" and unreported is not None:
        return await unreported()
    if fault in ("timeout", "slow", "drip"):
        faults.hanging[provider] += 1
        try:
            return await _delay(faults.pace, provider, fault, request, answer)
        finally:
            faults.hanging[provider] -= 1
    if fault == "reset":
        return reset(request)
    if fault == "502-html":
        return web.Response(status=502, text=BAD_GATEWAY_PAGE, content_type="text/html")
    answers = {
        "msg91": _msg91_fault,
        "sendgrid": _sendgrid_fault,
        "twilio": _twilio_fault,
        "azure_blob": _azure_blob_fault,
    }
    return answers[provider](fault)


async def _delay(
    pace: Pace, provider: str, fault: str, request: web.Request, answer: Answer
) -> web.StreamResponse:
    if fault == "slow":
        await asyncio.sleep(pace.slow_seconds)
        return await answer()
    if fault == "drip":
        return await _drip(pace, provider, request)
    await asyncio.sleep(pace.hang_seconds)
    return _hang_up(request)


async def _drip(pace: Pace, provider: str, request: web.Request) -> web.Response:
    """Send a whole answer byte by byte from the status line on: every read ends in time."""
    status, body = {
        "msg91": ("200 OK", '{"type":"success"}'),
        "sendgrid": ("202 Accepted", ""),
        "twilio": ("201 Created", '{"sid":"SM1","status":"queued"}'),
        "azure_blob": ("201 Created", ""),
    }[provider]
    raw = (
        f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nConnection: close\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    )
    for byte in raw.encode():
        if request.transport is None or request.transport.is_closing():
            break
        request.transport.write(bytes([byte]))
        await asyncio.sleep(pace.drip_seconds)
    return _hang_up(request)


def _hang_up(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.close()
    return web.Response()  # reaches nobody


def reset(request: web.Request) -> web.Response:
    """Answer with a TCP reset: a linger of zero seconds makes close() send one."""
    if request.transport is not None:
        peer = request.transport.get_extra_info("socket")
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
    return web.Response()  # reaches nobody


def _msg91_fault(fault: str) -> web.Response:
    if fault == "500":
        return web.json_response({"type": "error", "message": "Internal server error"}, status=500)
    if fault == "429":
        retry = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        return web.json_response(
            {"type": "error", "message": "Too many requests"}, status=429, headers=retry
        )
    if fault == "bad-key":
        return msg91.invalid_key()
    return web.json_response({"message": "Insufficient balance", "type": "error", "code": "301"})


def _sendgrid_fault(fault: str) -> web.Response:
    if fault == "500":
        return web.json_response({"errors": [{"message": "internal server error"}]}, status=500)
    if fault == "429":
        limits = {
            "X-RateLimit-Limit": "150",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": str(int(time.time()) + RETRY_AFTER_SECONDS),
        }
        body = {"errors": [{"field": None, "message": "too many requests"}]}
        return web.json_response(body, status=429, headers=limits)
    if fault == "bad-key":
        return sendgrid.unauthorized()
    return sendgrid.error(401 if fault == "no-credit" else 200, "Maximum credits exceeded")


def _twilio_fault(fault: str) -> web.Response:
    if fault == "500":
        return twilio.error(500, 20500, "An internal server error has occurred")
    if fault == "429":
        return twilio.error(429, 20429, "Too Many Requests")
    if fault == "bad-key":
        return twilio.unauthorized()
    return twilio.message(to="", status="failed", error_code=30001)


def _azure_blob_fault(fault: str) -> web.Response:
    if fault == "500":
        return azure_blob.error(500, "InternalError", "Server encountered an internal error.")
    if fault == "429":
        retry = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        return azure_blob.error(503, "ServerBusy", "The server is busy.", headers=retry)
    if fault == "bad-key":
        return azure_blob.authentication_failed()
    return web.Response(text=SIGN_IN_PAGE, content_type="text/html")
