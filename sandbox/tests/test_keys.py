"""The keys that the stand-ins take, and how they are proved."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from sandbox.tests.calls import keys, send_mail, send_sms


def template_versions(url: str, key: str, **changed: Any) -> requests.Response:
    body = {"template_id": "65f0aa11d6fc05bbbb000002", **changed}
    return requests.post(
        f"{url}/api/v5/sms/getTemplateVersions", json=body, headers={"authkey": key}, timeout=10
    )


def verify(url: str, key: str) -> dict[str, Any]:
    query = {"otp": "0000", "mobile": "910000000000"}
    answer = requests.get(
        f"{url}/api/v5/otp/verify", params=query, headers={"authkey": key}, timeout=10
    )
    assert answer.status_code == 200
    return dict(answer.json())


def scopes(url: str, key: str) -> requests.Response:
    return requests.get(f"{url}/v3/scopes", headers={"Authorization": f"Bearer {key}"}, timeout=10)


def test_msg91_proves_a_key_by_its_template(sandbox_url: str) -> None:
    good = template_versions(sandbox_url, "sandbox-msg91-key").json()
    bad = template_versions(sandbox_url, "other")

    assert (good["status"], good["data"][0]["dlt_verified"]) == ("success", "10")
    assert (bad.status_code, bad.json()["apiError"]) == (401, "201")
    assert template_versions(sandbox_url, "sandbox-msg91-key", template_id="x").json()["hasError"]


def test_msg91_proves_a_key_by_a_code_that_nobody_has(sandbox_url: str) -> None:
    assert verify(sandbox_url, "other")["message"] == "Invalid authkey"
    assert verify(sandbox_url, "sandbox-msg91-key")["message"] == "OTP not match"


def test_a_key_is_taken_and_refused_again(sandbox_url: str) -> None:
    assert keys(sandbox_url, "POST", provider="msg91", key="next").status_code == 200
    assert send_sms(sandbox_url, key="next").json()["type"] == "success"
    assert send_sms(sandbox_url).json()["type"] == "success"

    assert keys(sandbox_url, "DELETE", provider="msg91", key="next").status_code == 200
    assert send_sms(sandbox_url, key="next").json()["message"] == "Invalid authkey"


def test_a_key_of_sendgrid_has_rights(sandbox_url: str) -> None:
    keys(sandbox_url, "POST", provider="sendgrid", key="SG.a.b", scopes=["alerts.read"])

    assert scopes(sandbox_url, "SG.a.b").json() == {"scopes": ["alerts.read"]}
    assert send_mail(sandbox_url, key="SG.a.b").status_code == 403
    assert scopes(sandbox_url, "SG.other.key").status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"provider": "msg91"},
        {"provider": "azure", "key": "k"},
        {"provider": [], "key": "k"},
        {"provider": "msg91", "key": ""},
        {"provider": "msg91", "key": 5},
        {"provider": "sendgrid", "key": "k", "scopes": "mail.send"},
        {"provider": "sendgrid", "key": "k", "more": 1},
    ],
)
def test_a_wrong_order_is_refused_with_a_sentence(sandbox_url: str, body: dict[str, Any]) -> None:
    answer = keys(sandbox_url, "POST", **body)

    assert answer.status_code == 400
    assert answer.json()["error"]
