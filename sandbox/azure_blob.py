"""Azure Blob Storage's own words for its errors; what works is Azurite's business."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime

from aiohttp import web


def error(
    status: int, code: str, message: str, *, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Answer in the shape of Azure's errors: XML, and the code in a header, which HEAD needs."""
    request_id = str(uuid.uuid4())
    body = (
        f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code><Message>{message}\n'
        f"RequestId:{request_id}\nTime:{datetime.now(UTC).isoformat()}</Message></Error>"
    )
    own = {"x-ms-error-code": code, "x-ms-request-id": request_id}
    return web.Response(
        status=status, text=body, content_type="application/xml", headers={**own, **(headers or {})}
    )


def authentication_failed() -> web.Response:
    """Answer as for a signature by another key."""
    return error(
        403,
        "AuthenticationFailed",
        "Server failed to authenticate the request. Make sure the value of Authorization header is "
        "formed correctly including the signature.",
    )
