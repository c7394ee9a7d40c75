"""MSG91's side of ``/api/v5/otp`` and ``/api/v5/flow``: HTTP 200 says nothing, ``type`` does."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox.inbox import Inbox, Message

AUTH_KEY = "sandbox-msg91-key"
TEMPLATE_ID = "65f0aa11d6fc05bbbb000002"
SMS_TEMPLATE = Path(__file__).resolve().parents[1] / "templates" / "sms" / "otp.txt"

_NUMBER = re.compile(r"[0-9]{7,15}", re.ASCII)


def otp(*, key: str, fields: Mapping[str, Any], inbox: Inbox) -> web.Response:
    """Answer ``POST /api/v5/otp``; ``fields`` are those of the query and the JSON body."""
    refused = _refuse(key, fields)
    if refused is not None:
        return refused
    mobile, code = fields.get("mobile"), fields.get("otp")
    if not _is_number(mobile):
        return _error("Mobile no. empty or not numeric")
    if not (isinstance(code, str) and code.isascii() and code.isdigit() and 4 <= len(code) <= 9):
        return _error("OTP empty or not numeric")
    inbox.add(Message(channel="sms", to=str(mobile), text=_render({"OTP": code})))
    return web.json_response({"type": "success", "request_id": uuid.uuid4().hex[:24]})


def flow(*, key: str, fields: Mapping[str, Any], inbox: Inbox) -> web.Response:
    """Answer ``POST /api/v5/flow``: many recipients, one request id."""
    refused = _refuse(key, fields)
    if refused is not None:
        return refused
    recipients = fields.get("recipients")
    if not isinstance(recipients, list) or not recipients:
        return _error("Please enter atleast one number to send sms.")
    if not all(isinstance(one, dict) and _is_number(one.get("mobiles")) for one in recipients):
        return _error("Mobile number empty or not numeric")
    for one in recipients:
        inbox.add(Message(channel="sms", to=str(one["mobiles"]), text=_render(one)))
    return web.json_response({"message": uuid.uuid4().hex[:24], "type": "success"})


def _refuse(key: str, fields: Mapping[str, Any]) -> web.Response | None:
    """Look at the template before the key, as MSG91 does."""
    if not key:
        return _error("Auth Key missing")
    if (fields.get("template_id") or fields.get("flow_id")) != TEMPLATE_ID:
        return _error("The provided flow ID or template ID is invalid.")
    if key != AUTH_KEY:
        return web.json_response({"message": "Invalid authkey", "type": "error", "code": "201"})
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, str) and _NUMBER.fullmatch(value) is not None


def _error(message: str) -> web.Response:
    return web.json_response({"type": "error", "message": message})


def _render(variables: Mapping[str, Any]) -> str:
    text = SMS_TEMPLATE.read_text(encoding="utf-8").strip()
    return re.sub(r"##(\w+)##", lambda name: str(variables.get(name[1], "")), text)
