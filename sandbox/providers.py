"""The providers' own paths, as their clients call them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from aiohttp import web

from sandbox import msg91, sendgrid, twilio
from sandbox.control import FAULTS_KEY, INBOX_KEY, KEYS_KEY, read_json
from sandbox.faults import NO_REPORT, happen
from sandbox.reports import REPORTS_KEY
from sandbox.storage import ACCOUNT, STORAGE_KEY

SILENT_KEY: Final = web.RequestKey("is_silent", bool)


async def _answer(
    request: web.Request, provider: str, answer: Callable[[], web.Response]
) -> web.Response:
    disturbed = await _disturb(request, provider)
    return answer() if disturbed is None else disturbed


async def _disturb(request: web.Request, provider: str) -> web.Response | None:
    """Do the fault that is ordered; None where the right answer follows."""
    faults = request.app[FAULTS_KEY]
    fault = faults.take(provider=provider)
    request[SILENT_KEY] = fault == NO_REPORT
    if fault is None:
        return None
    return await happen(faults=faults, provider=provider, fault=fault, request=request)


def _report(request: web.Request, given: web.Response, asked: Mapping[str, Any]) -> web.Response:
    """See to the reports that follow an answer, unless they are ordered not to come."""
    reports = request.app.get(REPORTS_KEY)
    if reports is not None and not request[SILENT_KEY]:
        reports.after(given, asked)
    return given


async def _msg91(request: web.Request) -> web.Response:
    body = await read_json(request)
    fields: dict[str, Any] = {**request.query, **(body if isinstance(body, dict) else {})}
    verdict = msg91.flow if "/flow" in request.path else msg91.otp
    key, taken = _authkey(request)
    box = request.app[INBOX_KEY]

    def answer() -> web.Response:
        given = verdict(key=key, taken=taken, fields=fields, inbox=box)
        return _report(request, given, fields)

    return await _answer(request, "msg91", answer)


async def _template_versions(request: web.Request) -> web.Response:
    body = await read_json(request)
    fields = body if isinstance(body, dict) else {}
    key, taken = _authkey(request)
    return await _answer(
        request, "msg91", lambda: msg91.template_versions(key=key, taken=taken, fields=fields)
    )


async def _verify_otp(request: web.Request) -> web.Response:
    key, taken = _authkey(request)
    return await _answer(request, "msg91", lambda: msg91.verify(key=key, taken=taken))


def _authkey(request: web.Request) -> tuple[str, Collection[str]]:
    return request.headers.get("authkey", "").strip(), request.app[KEYS_KEY].taken["msg91"]


def _rights(request: web.Request) -> list[str] | None:
    """Return what the key of a request to SendGrid may do; None where it is not known."""
    key = sendgrid.key_of(request.headers.get("Authorization", ""))
    return request.app[KEYS_KEY].taken["sendgrid"].get(key)


async def _send_mail(request: web.Request) -> web.Response:
    mail = await read_json(request)

    def answer() -> web.Response:
        rights = _rights(request)
        if rights is None:
            return sendgrid.unauthorized()
        if "mail.send" not in rights:
            return sendgrid.forbidden()
        if request.content_type != "application/json":
            return sendgrid.error(415, "unsupported media type")
        given = sendgrid.send(mail=mail, inbox=request.app[INBOX_KEY])
        return _report(request, given, mail) if isinstance(mail, dict) else given

    return await _answer(request, "sendgrid", answer)


async def _scopes(request: web.Request) -> web.Response:
    rights = _rights(request)
    return await _answer(
        request,
        "sendgrid",
        sendgrid.unauthorized if rights is None else lambda: sendgrid.scopes(rights),
    )


async def _twilio(request: web.Request) -> web.Response:
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


async def _storage(request: web.Request) -> web.StreamResponse:
    disturbed = await _disturb(request, "azure_blob")
    return await request.app[STORAGE_KEY].pass_on(request) if disturbed is None else disturbed


async def _no_route(request: web.Request) -> web.Response:
    return web.json_response({"type": "error", "msg": "Route Missing"}, status=404)


async def _not_found(request: web.Request) -> web.Response:
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
# With Azurite behind us only.
STORAGE_ROUTES: Final = (web.route("*", f"/{ACCOUNT}{{rest:(/.*)?}}", _storage),)
