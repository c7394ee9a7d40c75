"""The providers' own paths, as their clients call them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Final

from aiohttp import web

from sandbox import msg91, sendgrid, twilio
from sandbox.control import FAULTS_KEY, INBOX_KEY, KEYS_KEY, read_json
from sandbox.fault_answers import disturb
from sandbox.faults import NO_REPORT
from sandbox.reports import REPORTS_KEY, Reports


async def _answer(
    request: web.Request,
    provider: str,
    answer: Callable[[], web.Response],
    report: Callable[[Reports, web.Response], None] | None = None,
) -> web.StreamResponse:
    """Answer, unless a fault is under way; ``report`` says what became of what was accepted."""
    fault = request.app[FAULTS_KEY].take(provider=provider)
    disturbed = await disturb(request, provider=provider, fault=fault)
    if disturbed is not None:
        return disturbed
    given = answer()
    if report is not None and fault != NO_REPORT and REPORTS_KEY in request.app:
        report(request.app[REPORTS_KEY], given)
    return given


async def _msg91(request: web.Request) -> web.StreamResponse:
    body = await read_json(request)
    fields: dict[str, Any] = {**request.query, **(body if isinstance(body, dict) else {})}
    verdict = msg91.flow if "/flow" in request.path else msg91.otp
    key, taken = _authkey(request)
    box = request.app[INBOX_KEY]

    return await _answer(
        request,
        "msg91",
        lambda: verdict(key=key, taken=taken, fields=fields, inbox=box),
        lambda reports, given: reports.after_sms(given, fields),
    )


async def _template_versions(request: web.Request) -> web.StreamResponse:
    body = await read_json(request)
    fields = body if isinstance(body, dict) else {}
    key, taken = _authkey(request)
    return await _answer(
        request, "msg91", lambda: msg91.template_versions(key=key, taken=taken, fields=fields)
    )


async def _verify_otp(request: web.Request) -> web.StreamResponse:
    key, taken = _authkey(request)
    return await _answer(request, "msg91", lambda: msg91.verify(key=key, taken=taken))


def _authkey(request: web.Request) -> tuple[str, Collection[str]]:
    return request.headers.get("authkey", "").strip(), request.app[KEYS_KEY].taken["msg91"]


def _rights(request: web.Request) -> list[str] | None:
    """Return what the key of a request to SendGrid may do; None where it is not known."""
    key = sendgrid.key_of(request.headers.get("Authorization", ""))
    return request.app[KEYS_KEY].taken["sendgrid"].get(key)


async def _send_mail(request: web.Request) -> web.StreamResponse:
    mail = await read_json(request)

    def answer() -> web.Response:
        rights = _rights(request)
        if rights is None:
            return sendgrid.unauthorized()
        if "mail.send" not in rights:
            return sendgrid.forbidden()
        if request.content_type != "application/json":
            return sendgrid.error(415, "unsupported media type")
        return sendgrid.send(mail=mail, inbox=request.app[INBOX_KEY])

    return await _answer(
        request, "sendgrid", answer, lambda reports, given: reports.after_mail(given, mail)
    )


async def _scopes(request: web.Request) -> web.StreamResponse:
    rights = _rights(request)
    return await _answer(
        request,
        "sendgrid",
        sendgrid.unauthorized if rights is None else lambda: sendgrid.scopes(rights),
    )


async def _twilio(request: web.Request) -> web.StreamResponse:
    form = await request.post()
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    return await _answer(
        request,
        "twilio",
        lambda: twilio.send(
            account_sid=request.match_info["sid"],
            credentials=twilio.key_of(request.headers.get("Authorization", "")),
            taken=request.app[KEYS_KEY].taken["twilio"],
            fields=fields,
            inbox=request.app[INBOX_KEY],
        ),
    )


async def _no_route(request: web.Request) -> web.StreamResponse:
    return web.json_response({"type": "error", "msg": "Route Missing"}, status=404)


async def _not_found(request: web.Request) -> web.StreamResponse:
    return sendgrid.error(404, "not found")


ROUTES: Final = (
    *(
        web.post(f"/api/v5/{name}{slash}", _msg91)
        for name in ("otp", "flow")
        for slash in ("", "/")  # most code posts to /flow/
    ),
    web.post("/api/v5/sms/getTemplateVersions", _template_versions),
    web.get("/api/v5/otp/verify", _verify_otp),
    web.post("/v3/mail/send", _send_mail),
    web.get("/v3/scopes", _scopes),
    web.post("/2010-04-01/Accounts/{sid}/Messages.json", _twilio),
    web.route("*", "/api/{rest:.*}", _no_route),
    web.route("*", "/v3/{rest:.*}", _not_found),
)
