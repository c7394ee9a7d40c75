"""Keys are proved at their provider without sending anything."""

from __future__ import annotations

import pytest
import requests

from integrations import proofs
from integrations.testing import AZURITE_KEY

from .rotating import TEMPLATE

VERIFY = "/api/v5/otp/verify?otp=0000&mobile=910000000000"
CONTAINER = "http://127.0.0.1:10000/devstoreaccount1/docs?restype=container"


def warnings(provider: str, key: str = "a-key") -> tuple[str, ...]:
    return proofs.prove(provider=provider, key=key).warnings


class TestMSG91:
    @pytest.fixture
    def versions(self, wire, settings):
        def answer(**what):
            url = f"{settings.MSG91_BASE_URL}/api/v5/sms/getTemplateVersions"
            wire.mock.post(url, **what)

        return answer

    @pytest.fixture
    def verify(self, wire, settings):
        return lambda **what: wire.mock.get(settings.MSG91_BASE_URL + VERIFY, **what)

    def test_the_template_proves_it(self, versions, wire, settings):
        versions(json=TEMPLATE)

        assert warnings("msg91") == ()
        request = wire.mock.calls[0].request
        assert request.headers["authkey"] == "a-key"
        assert settings.MSG91_OTP_TEMPLATE_ID in str(request.body)
        assert len(wire.mock.calls) == 1

    @pytest.mark.parametrize("data", [[], None, [{"dlt_verified": "5"}], ["x"]])
    def test_a_template_that_nobody_may_send_is_a_warning(self, versions, data):
        versions(json={**TEMPLATE, "data": data})

        assert len(warnings("msg91")) == 1

    def test_each_apps_template_is_looked_at(self, versions, wire, settings):
        channel = settings.INTEGRATIONS["sms"]
        own = {"CPAPP": "a" * 24, "CUSTAP": ""}
        sms = {**channel, "OPTIONS": {**channel["OPTIONS"], "otp_template_ids": own}}
        settings.INTEGRATIONS = {**settings.INTEGRATIONS, "sms": sms}
        versions(json=TEMPLATE)
        versions(json={**TEMPLATE, "data": []})

        assert warnings("msg91") == ("MSG91 knows no version of MSG91_OTP_TEMPLATE_ID_CPAPP.",)
        assert "a" * 24 in str(wire.mock.calls[1].request.body)

    @pytest.mark.parametrize(
        ("theirs", "same"),
        [
            ("Your One-Time Password (OTP) is ##OTP##. Valid for 2 minutes.", True),
            ("Your One-Time Password (OTP) is ##VAR1##. Valid for 2 minutes.\r\n", True),
            ("Your One-Time Password (OTP) is ##OTP##. Valid for 10 minutes.", False),
            ("Your One-Time Password (OTP) is 123456. Valid for 2 minutes.", False),
            (None, True),  # it does not say
        ],
    )
    def test_another_text_at_msg91_is_a_warning(self, versions, theirs, same):
        """S68: MSG91 sends the template's text, whatever stands in our files."""
        version = {"dlt_verified": "10", "template_data": theirs}
        versions(json={**TEMPLATE, "data": [{"dlt_verified": "5", "template_data": ""}, version]})

        text = "MSG91's text of MSG91_OTP_TEMPLATE_ID differs from ours: it sends its own."
        assert warnings("msg91") == (() if same else (text,))

    @pytest.mark.parametrize(
        "answer",
        [
            {"status": 401, "json": {"status": "fail", "errors": "Unauthorized", "apiError": 201}},
            {"json": {"type": "error", "message": "Invalid authkey", "code": "201"}},
            {"json": {"type": "error", "message": "Auth Key missing"}},
        ],
    )
    def test_a_bad_key_is_refused(self, versions, answer):
        versions(**answer)

        with pytest.raises(proofs.KeyRefused, match="MSG91 refuses this key"):
            warnings("msg91")

    @pytest.mark.parametrize(
        "answer",
        [
            {"status": 401, "json": {"status": "fail", "hasError": True, "apiError": "418"}},
            {"status": 418, "json": {"type": "error", "message": "IP not whitelisted"}},
        ],
    )
    def test_a_good_key_from_the_wrong_address_is_told_apart(self, versions, answer):
        versions(**answer)

        with pytest.raises(proofs.KeyRefused, match="refuses this server's IP address"):
            warnings("msg91")

    @pytest.mark.parametrize(
        "first",
        [
            {"json": {"status": "fail", "hasError": True, "errors": "Template not found"}},
            {"status": 404, "json": {"type": "error", "msg": "Route Missing"}},
            {"body": "<html>"},
        ],
    )
    def test_where_the_template_tells_nothing_a_code_does(self, versions, verify, first):
        versions(**first)
        verify(json={"type": "error", "message": "OTP not match"})

        assert warnings("msg91") == ()

    def test_and_refuses_a_bad_key(self, versions, verify):
        versions(json={"status": "fail", "hasError": True, "errors": "Template not found"})
        verify(json={"type": "error", "message": "Invalid authkey", "code": "201"})

        with pytest.raises(proofs.KeyRefused):
            warnings("msg91")

    @pytest.mark.parametrize("answer", [{"body": "<html>"}, {"status": 500}, {"status": 429}])
    def test_what_is_no_answer_proves_nothing(self, versions, verify, answer):
        versions(body="<html>")
        verify(**answer)

        with pytest.raises(proofs.NotProved):
            warnings("msg91")


class TestSendGrid:
    @pytest.fixture
    def scopes(self, wire, settings):
        return lambda **what: wire.mock.get(f"{settings.SENDGRID_BASE_URL}/v3/scopes", **what)

    def test_a_key_that_may_send(self, scopes, wire):
        scopes(json={"scopes": ["mail.send", "2fa_required", "sender_verification_eligible"]})

        assert warnings("sendgrid") == ()
        assert wire.mock.calls[0].request.headers["Authorization"] == "Bearer a-key"

    def test_far_more_rights_are_a_warning(self, scopes):
        scopes(json={"scopes": ["mail.send", "api_keys.create", "templates.read"]})

        assert warnings("sendgrid") == ("The key may do far more than send mail: 2 other rights.",)

    def test_a_key_that_may_not_send_is_refused(self, scopes):
        scopes(json={"scopes": ["templates.read"]})

        with pytest.raises(proofs.KeyRefused, match=r"lacks the right mail\.send"):
            warnings("sendgrid")

    def test_403_is_a_key_that_cannot_list(self, scopes):
        scopes(status=403, json={"errors": [{"message": "access forbidden"}]})

        assert len(warnings("sendgrid")) == 1

    def test_401_for_want_of_credit_is_no_refusal(self, scopes):
        scopes(status=401, json={"errors": [{"message": "Maximum credits exceeded"}]})

        assert warnings("sendgrid") == ("SendGrid knows the key but is out of credit.",)

    def test_401_is_refused(self, scopes):
        scopes(status=401, json={"errors": []})

        with pytest.raises(proofs.KeyRefused):
            warnings("sendgrid")

    @pytest.mark.parametrize(
        "answer",
        [
            {"status": 500},
            {"status": 429, "json": {}},
            {"body": "<html>"},
            {"status": 403, "body": "<html>"},
            {"json": {"scopes": "mail.send"}},
            {"status": 302, "headers": {"Location": "https://elsewhere.example/"}},
            {"body": requests.ConnectionError("Bearer a-key")},
            {"body": requests.ReadTimeout("Bearer a-key")},
        ],
    )
    def test_what_is_no_answer_proves_nothing(self, scopes, answer):
        scopes(**answer)

        with pytest.raises(proofs.NotProved) as caught:
            warnings("sendgrid")

        assert "a-key" not in str(caught.value)


class TestAzure:
    def test_a_signed_read_of_the_container(self, azurite):
        assert warnings("azure_blob", AZURITE_KEY) == ()

    @pytest.mark.parametrize("key", ["b3RoZXIta2V5", AZURITE_KEY[:40], "not base64!"])
    def test_another_key_is_refused(self, azurite, key):
        with pytest.raises(proofs.KeyRefused):
            warnings("azure_blob", key)

    def test_a_container_that_is_missing_or_open_is_a_warning(self, wire):
        missing = {"x-ms-error-code": "ContainerNotFound"}
        wire.mock.get(CONTAINER, status=404, headers=missing)
        wire.mock.get(CONTAINER, headers={"x-ms-blob-public-access": "blob"})

        assert "is not there" in warnings("azure_blob", AZURITE_KEY)[0]
        assert "can be read by anybody" in warnings("azure_blob", AZURITE_KEY)[0]

    def test_an_outage_proves_nothing(self, wire):
        wire.mock.get(CONTAINER, status=503)

        with pytest.raises(proofs.NotProved):
            warnings("azure_blob", AZURITE_KEY)
