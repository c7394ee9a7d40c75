"""Right calls to the providers, to be spoiled by the tests."""

from __future__ import annotations

from typing import Any

import requests

from sandbox import twilio

SMS = {"template_id": "65f0aa11d6fc05bbbb000002", "mobile": "919876543210", "otp": "482913"}
FLOW = {
    "template_id": "65f0aa11d6fc05bbbb000002",
    "recipients": [{"mobiles": "919876543210", "OTP": "482913"}],
}


def send_sms(url: str, *, key: str = "sandbox-msg91-key", **changed: Any) -> requests.Response:
    body = {**SMS, **changed}
    return requests.post(f"{url}/api/v5/otp", json=body, headers={"authkey": key}, timeout=10)


def send_flow(url: str, *, key: str = "sandbox-msg91-key", **changed: Any) -> requests.Response:
    body = {**FLOW, **changed}
    return requests.post(f"{url}/api/v5/flow", json=body, headers={"authkey": key}, timeout=10)


def mail(*, to: str = "kam@solarium.example", sandbox: bool = False) -> dict[str, Any]:
    return {
        "personalizations": [{"to": [{"email": to}]}],
        "from": {"email": "no-reply@solarium.example"},
        "subject": "Reset your password",
        "content": [
            {"type": "text/plain", "value": "Hello"},
            {"type": "text/html", "value": '<p class="x">Hello</p>'},
        ],
        "mail_settings": {"sandbox_mode": {"enable": sandbox}},
    }


def send_mail(
    url: str, payload: Any = None, *, key: str = "SG.sandbox.key", timeout: float = 10
) -> requests.Response:
    return requests.post(
        f"{url}/v3/mail/send",
        json=mail() if payload is None else payload,
        headers={"Authorization": f"Bearer {key}"},
        timeout=timeout,
    )


def order(url: str, provider: str, fault: str, count: int | None = None) -> None:
    body = {"provider": provider, "fault": fault, "count": count}
    assert requests.post(f"{url}/faults", json=body, timeout=10).status_code == 200


def messages(url: str, to: str = "") -> list[dict[str, Any]]:
    query = {"to": to, "format": "json"}
    return list(requests.get(f"{url}/inbox", params=query, timeout=10).json()["messages"])


def keys(url: str, method: str, **body: Any) -> requests.Response:
    return requests.request(method, f"{url}/keys", json=body, timeout=10)


TWILIO_SMS = {"To": "+919876543210", "From": "SOLRIM", "Body": "Your code is 482913."}
TWILIO_PATH = f"/2010-04-01/Accounts/{twilio.ACCOUNT_SID}/Messages.json"


def send_twilio(
    url: str, *, user: str = twilio.ACCOUNT_SID, key: str = twilio.AUTH_TOKEN, **changed: Any
) -> requests.Response:
    form = {name: value for name, value in {**TWILIO_SMS, **changed}.items() if value is not None}
    return requests.post(url + TWILIO_PATH, data=form, auth=(user, key), timeout=10)
