"""MSG91's side of sending and of proving a key: HTTP 200 says nothing, the body does.

``taken`` below are the keys that it knows.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox.inbox import Inbox, Message

AUTH_KEY = "sandbox-msg91-key"
REPORT_TOKEN = "sandbox-report-token-of-this-machine"
TEMPLATE_ID = "65f0aa11d6fc05bbbb000002"
CPAPP_TEMPLATE_ID = "65f0aa11d6fc05bbbb000003"
_TEXTS = Path(__file__).resolve().parents[1] / "templates" / "sms"
TEMPLATES = {TEMPLATE_ID: _TEXTS / "otp_custap.txt", CPAPP_TEMPLATE_ID: _TEXTS / "otp_cpapp.txt"}

_NUMBER = re.compile(r"[0-9]{7,15}", re.ASCII)


def otp(
    *, key: str, taken: Collection[str], fields: Mapping[str, Any], inbox: Inbox
) -> web.Response:
    """Answer ``POST /api/v5/otp``; ``fields`` are those of the query and the JSON body."""
    refused = _refuse(key, taken, fields)
    if refused is not None:
        return refused
    mobile, code = fields.get("mobile"), fields.get("otp")
    if not _is_number(mobile):
        return _error("Mobile no. empty or not numeric")
    if not (isinstance(code, str) and code.isascii() and code.isdigit() and 4 <= len(code) <= 9):
        return _error("OTP empty or not numeric")
    inbox.add(Message(channel="sms", to=str(mobile), text=_render(fields, {"OTP": code})))
    return web.json_response({"type": "success", "request_id": uuid.uuid4().hex[:24]})


def flow(
    *, key: str, taken: Collection[str], fields: Mapping[str, Any], inbox: Inbox
) -> web.Response:
    """Answer ``POST /api/v5/flow``: many recipients, one request id."""
    refused = _refuse(key, taken, fields)
    if refused is not None:
        return refused
    recipients = fields.get("recipients")
    if not isinstance(recipients, list) or not recipients:
        return _error("Please enter atleast one number to send sms.")
    if not all(isinstance(one, dict) and _is_number(one.get("mobiles")) for one in recipients):
        return _error("Mobile number empty or not numeric")
    for one in recipients:
        inbox.add(Message(channel="sms", to=str(one["mobiles"]), text=_render(fields, one)))
    return web.json_response({"message": uuid.uuid4().hex[:24], "type": "success"})


def template_versions(
    *, key: str, taken: Collection[str], fields: Mapping[str, Any]
) -> web.Response:
    """Answer ``POST /api/v5/sms/getTemplateVersions``, which tells a bad key by its status."""
    if key not in taken:
        refusal = {
            "status": "fail",
            "hasError": True,
            "errors": "Unauthorized",
            "code": "401",
            "apiError": "201",
        }
        return web.json_response(refusal, status=401)
    if _template_id(fields) not in TEMPLATES:
        return web.json_response({"status": "fail", "hasError": True, "errors": "No template"})
    version = {
        "id": "1",
        "template_id": _template_id(fields),
        "sender_id": "SOLRIM",
        "template_data": _text(fields),
        "active_status": "1",
        "status": "1",
        "dlt_verified": "10",
    }
    return web.json_response({"status": "success", "hasError": False, "data": [version]})


def invalid_key() -> web.Response:
    """Answer as for a key that does not exist."""
    return web.json_response({"message": "Invalid authkey", "type": "error", "code": "201"})


def verify(*, key: str, taken: Collection[str]) -> web.Response:
    """Answer ``GET /api/v5/otp/verify``; no code of ours is ever known there."""
    if key not in taken:
        return invalid_key()
    return _error("OTP not match")


def _refuse(key: str, taken: Collection[str], fields: Mapping[str, Any]) -> web.Response | None:
    """Look at the template before the key, as MSG91 does."""
    if not key:
        return _error("Auth Key missing")
    if _template_id(fields) not in TEMPLATES:
        return _error("The provided flow ID or template ID is invalid.")
    if key not in taken:
        return invalid_key()
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, str) and _NUMBER.fullmatch(value) is not None


def _error(message: str) -> web.Response:
    return web.json_response({"type": "error", "message": message})


def _template_id(fields: Mapping[str, Any]) -> str:
    return str(fields.get("template_id") or fields.get("flow_id"))


def _text(fields: Mapping[str, Any]) -> str:
    return TEMPLATES[_template_id(fields)].read_text(encoding="utf-8").strip()


def _render(fields: Mapping[str, Any], variables: Mapping[str, Any]) -> str:
    return re.sub(r"##(\w+)##", lambda name: str(variables.get(name[1], "")), _text(fields))
