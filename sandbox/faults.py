"""Faults to order: what a provider does instead of answering."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from sandbox import msg91, sendgrid, storage, twilio

_ANYBODYS = ("timeout", "slow", "drip", "500", "502-html", "429", "reset", "bad-key")
NO_REPORT: Final = "no-report"  # accepted as ever, and nothing is heard of it again
FAULTS: Final[Mapping[str, tuple[str, ...]]] = {
    "msg91": (*_ANYBODYS, "200-error", NO_REPORT),
    "sendgrid": (*_ANYBODYS, "200-error", "no-credit", NO_REPORT),
    "twilio": (*_ANYBODYS, "200-error"),
    "azure_blob": _ANYBODYS,
}
RETRY_AFTER_SECONDS = 30

BAD_GATEWAY_PAGE = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n"
    "</body>\r\n</html>\r\n"
)


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How long the slow faults take, in seconds."""

    hang_seconds: float = 120.0
    slow_seconds: float = 3.0
    drip_seconds: float = 0.5  # between two bytes; the shortest answer takes over a minute


@dataclass(kw_only=True)
class Order:
    """A fault that is under way; ``count`` is how often it is still to happen, None for ever."""

    fault: str
    count: int | None


@dataclass(kw_only=True)
class Faults:
    """One order per provider, and how many requests hang right now."""

    pace: Pace = field(default_factory=Pace)
    orders: dict[str, Order] = field(default_factory=dict)
    hanging: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FAULTS, 0))

    def order(self, *, provider: str, fault: str, count: int | None) -> None:
        """Order a fault; it replaces the provider's earlier one.

        Raises:
            ValueError: An unknown provider, a fault that it does not know, or a count below 1; the
                text says which.
        """
        if not isinstance(provider, str) or provider not in FAULTS:
            raise ValueError(f"provider must be one of: {', '.join(FAULTS)}")
        if fault not in FAULTS[provider]:
            raise ValueError(f"fault of {provider} must be one of: {', '.join(FAULTS[provider])}")
        if count is not None and (type(count) is not int or count < 1):
            raise ValueError("count must be a whole number above zero, or null")
        self.orders[provider] = Order(fault=fault, count=count)

    def clear(self, *, provider: str | None) -> None:
        """Take back the order of a provider, or of all."""
        for name in FAULTS if provider is None else (provider,):
            self.orders.pop(name, None)

    def take(self, *, provider: str) -> str | None:
        """Return the fault that is next for a provider and count it."""
        order = self.orders.get(provider)
        if order is None:
            return None
        if order.count is not None:
            order.count -= 1
            if order.count == 0:
                del self.orders[provider]
        return order.fault

    def as_json(self) -> dict[str, object]:
        """Return the state for ``GET /faults``."""
        orders = [
            {"provider": name, "fault": order.fault, "count": order.count}
            for name, order in sorted(self.orders.items())
        ]
        known = {name: list(faults) for name, faults in FAULTS.items()}
        return {"faults": orders, "hanging": dict(self.hanging), "providers": known}


async def happen(
    *, faults: Faults, provider: str, fault: str, request: web.Request
) -> web.Response | None:
    """Do the fault; None where the right answer follows, late or in silence afterwards."""
    if fault == NO_REPORT:
        return None
    if fault in ("timeout", "slow", "drip"):
        faults.hanging[provider] += 1
        try:
            return await _delay(faults.pace, provider, fault, request)
        finally:
            faults.hanging[provider] -= 1
    if fault == "reset":
        return _reset(request)
    if fault == "502-html":
        return web.Response(status=502, text=BAD_GATEWAY_PAGE, content_type="text/html")
    answers = {
        "msg91": _msg91_fault,
        "sendgrid": _sendgrid_fault,
        "twilio": _twilio_fault,
        "azure_blob": _storage_fault,
    }
    return answers[provider](fault)


async def _delay(
    pace: Pace, provider: str, fault: str, request: web.Request
) -> web.Response | None:
    if fault == "slow":
        await asyncio.sleep(pace.slow_seconds)
        return None
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
        "azure_blob": ("200 OK", ""),
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


def _reset(request: web.Request) -> web.Response:
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
    if fault == "no-credit":
        return sendgrid.error(401, "Maximum credits exceeded")
    return sendgrid.error(200, "Maximum credits exceeded")


def _twilio_fault(fault: str) -> web.Response:
    if fault == "500":
        return twilio.error(500, 20500, "An internal server error has occurred")
    if fault == "429":
        return twilio.error(429, 20429, "Too Many Requests")
    if fault == "bad-key":
        return twilio.unauthorized()
    return twilio.message(to="", status="failed", error_code=30001)


def _storage_fault(fault: str) -> web.Response:
    if fault == "500":
        return storage.error(500, "InternalError", "The server encountered an internal error.")
    if fault == "429":  # Azure's word for it
        return storage.error(503, "ServerBusy", "The server is currently unable to take requests.")
    return storage.error(403, "AuthenticationFailed", "Server failed to authenticate the request.")
