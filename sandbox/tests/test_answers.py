from __future__ import annotations

from typing import Any

import pytest
import requests

from sandbox import msg91
from sandbox.tests.calls import SMS, mail, messages, send_flow, send_mail, send_sms, send_twilio


class TestMSG91:
    def test_otp_by_body_is_taken(self, sandbox_url: str) -> None:
        answer = send_sms(sandbox_url)
        assert answer.status_code == 200
        assert answer.json()["type"] == "success"
        assert len(answer.json()["request_id"]) == 24

    def test_otp_by_query_is_taken(self, sandbox_url: str) -> None:
        headers = {"authkey": "sandbox-msg91-key"}
        answer = requests.post(
            f"{sandbox_url}/api/v5/otp", params=SMS, json={}, headers=headers, timeout=10
        )
        assert answer.json()["type"] == "success"
        assert len(messages(sandbox_url)) == 1

    def test_flow_is_taken(self, sandbox_url: str) -> None:
        answer = send_flow(sandbox_url)
        assert answer.json()["type"] == "success"
        assert len(answer.json()["message"]) == 24
        assert "482913" in messages(sandbox_url)[0]["text"]

    def test_each_template_has_its_text(self, sandbox_url: str, monkeypatch, tmp_path) -> None:
        own = tmp_path / "otp_cpapp.txt"
        own.write_text("Partner code ##OTP##\n\nFA+9qCX9VSu\n")
        monkeypatch.setitem(msg91.TEMPLATES, msg91.CPAPP_TEMPLATE_ID, own)

        send_sms(sandbox_url)
        send_sms(sandbox_url, template_id=msg91.CPAPP_TEMPLATE_ID)

        partner, customer = [message["text"] for message in messages(sandbox_url)]
        assert partner == "Partner code 482913\n\nFA+9qCX9VSu"
        assert customer == "Your One-Time Password (OTP) is 482913. Valid for 2 minutes."

    @pytest.mark.parametrize("send", [send_sms, send_flow])
    @pytest.mark.parametrize(
        ("changed", "body"),
        [
            ({"key": ""}, {"type": "error", "message": "Auth Key missing"}),
            ({"key": "other"}, {"message": "Invalid authkey", "type": "error", "code": "201"}),
            (
                {"template_id": "65f0aa11d6fc05bbbb000009"},
                {
                    "type": "error",
                    "message": "The provided flow ID or template ID is invalid.",
                },
            ),
        ],
    )
    def test_a_wrong_call_is_an_error_with_status_200(
        self, sandbox_url: str, send: Any, changed: dict[str, str], body: dict[str, str]
    ) -> None:
        answer = send(sandbox_url, **changed)
        assert (answer.status_code, answer.json()) == (200, body)
        assert messages(sandbox_url) == []

    @pytest.mark.parametrize("mobile", ["", "+919876543210", "98765x3210", None, 919876543210])
    def test_a_mobile_that_is_not_numeric_is_refused(self, sandbox_url: str, mobile: Any) -> None:
        body = {"type": "error", "message": "Mobile no. empty or not numeric"}
        assert send_sms(sandbox_url, mobile=mobile).json() == body
        many = [{"mobiles": mobile, "OTP": "482913"}]
        assert send_flow(sandbox_url, recipients=many).json()["type"] == "error"
        assert messages(sandbox_url) == []

    def test_flow_without_recipients_is_refused(self, sandbox_url: str) -> None:
        message = send_flow(sandbox_url, recipients=[]).json()["message"]
        assert message == "Please enter atleast one number to send sms."

    def test_an_unknown_route_is_missing(self, sandbox_url: str) -> None:
        answer = requests.get(f"{sandbox_url}/api/v5/other", timeout=10)
        assert answer.status_code == 404
        assert answer.json() == {"type": "error", "msg": "Route Missing"}


class TestSendGrid:
    def test_a_mail_is_accepted(self, sandbox_url: str) -> None:
        answer = send_mail(sandbox_url)
        assert (answer.status_code, answer.content) == (202, b"")
        assert answer.headers["X-Message-Id"]

    def test_sandbox_mode_delivers_nothing(self, sandbox_url: str) -> None:
        answer = send_mail(sandbox_url, mail(sandbox=True))
        assert (answer.status_code, answer.content) == (200, b"")
        assert messages(sandbox_url) == []

    def test_another_key_is_refused(self, sandbox_url: str) -> None:
        answer = send_mail(sandbox_url, key="SG.other.key")
        assert answer.status_code == 401
        assert "authorization grant" in answer.json()["errors"][0]["message"]

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"personalizations": []}, "personalizations"),
            ({"personalizations": [{}]}, "personalizations.0.to"),
            ({"personalizations": [{"to": [{"email": "x"}]}]}, "personalizations.0.to.0.email"),
            ({"from": None}, "from.email"),
            ({"subject": ""}, "subject"),
            ({"content": None}, "content"),
            ({"content": [{"type": "text/plain", "value": ""}]}, "content.0.value"),
        ],
    )
    def test_a_missing_field_is_named(
        self, sandbox_url: str, changed: dict[str, Any], field: str
    ) -> None:
        answer = send_mail(sandbox_url, {**mail(), **changed})
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] == field
        assert messages(sandbox_url) == []

    def test_what_is_no_json_is_a_bad_request(self, sandbox_url: str) -> None:
        headers = {"Authorization": "Bearer SG.sandbox.key", "Content-Type": "application/json"}
        answer = requests.post(
            f"{sandbox_url}/v3/mail/send", data=b"{", headers=headers, timeout=10
        )
        assert answer.status_code == 400

    def test_scopes_prove_a_key(self, sandbox_url: str) -> None:
        url = f"{sandbox_url}/v3/scopes"
        good = requests.get(url, headers={"Authorization": "Bearer SG.sandbox.key"}, timeout=10)
        assert "mail.send" in good.json()["scopes"]
        assert requests.get(url, timeout=10).status_code == 401


class TestTwilio:
    def test_a_message_is_made(self, sandbox_url: str) -> None:
        answer = send_twilio(sandbox_url)

        assert answer.status_code == 201
        assert answer.json()["sid"].startswith("SM")
        assert answer.json()["status"] == "queued"
        [message] = messages(sandbox_url, to="+919876543210")
        assert (message["channel"], message["text"]) == ("sms", "Your code is 482913.")

    @pytest.mark.parametrize(
        ("changed", "status", "code"),
        [
            ({"key": "other"}, 401, 20003),
            ({"user": "AC" + "9" * 32}, 401, 20003),
            ({"To": None}, 400, 21604),
            ({"To": "9876543210"}, 400, 21211),
            ({"From": None}, 400, 21603),
            ({"Body": None}, 400, 21602),
        ],
    )
    def test_each_mistake_has_its_number(
        self, sandbox_url: str, changed: dict[str, Any], status: int, code: int
    ) -> None:
        answer = send_twilio(sandbox_url, **changed)

        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.json()["status"] == status
        assert messages(sandbox_url) == []

    def test_api_keys_and_messaging_services_are_taken(self, sandbox_url: str) -> None:
        service = {"From": None, "MessagingServiceSid": "MG" + "1" * 32}

        assert send_twilio(sandbox_url, user="SK" + "1" * 32, **service).status_code == 201
