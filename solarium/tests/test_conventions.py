"""What every endpoint does the same way."""

from __future__ import annotations

import json
import uuid

import pytest
from django.db import OperationalError, connection
from django.test import Client

SEND = "/integrations/sendOTP"
pytestmark = pytest.mark.django_db


def problem(answer, status, code):
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"].startswith("application/problem+json")
    body = answer.json()
    assert (body["success"], body["status"], body["code"]) == (False, status, code)
    assert body["type"] == f"urn:solarium:problem:{code}"
    assert body["title"]
    assert body["detail"]
    assert body["correlationId"] == answer["X-Request-ID"]
    return body


def raw(client, data, content_type="application/json", **extra):
    return client.generic("POST", SEND, data, content_type=content_type, **extra)


class TestProblems:
    def test_unknown_path(self, client):
        problem(client.get("/nope"), 404, "not_found")
        for method in ("POST", "PUT", "DELETE"):
            strict = Client(enforce_csrf_checks=True)
            problem(strict.generic(method, "/nope"), 404, "not_found")
        problem(client.get("/documents/not-a-uuid", HTTP_ACCEPT="text/html"), 404, "not_found")

    def test_wrong_method(self, client):
        problem(client.get(SEND), 405, "method_not_allowed")

    @pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "QUERY"])
    def test_methods_that_no_view_has(self, client, method):
        answer = client.generic(method, SEND)

        problem(answer, 405, "method_not_allowed")
        assert answer["Allow"] == "POST"

    def test_wrong_media_type(self, client):
        problem(
            raw(client, "a=b", "application/x-www-form-urlencoded"), 415, "unsupported_media_type"
        )

    @pytest.mark.parametrize(
        "body", [b"{", b"{'a': 1}", b'{"phone": NaN}', b"\xff\xfe", b"[" * 60_000, b"1" * 5000]
    )
    def test_malformed_json(self, client, body):
        answer = raw(client, body)

        assert answer.status_code == 400
        assert answer.json()["code"] in ("parse_error", "validation_error")

    @pytest.mark.parametrize("body", ["[]", '"text"', "5", "null", "[{}]"])
    def test_body_that_is_no_object(self, client, body):
        problem(raw(client, body), 400, "validation_error")

    def test_body_over_64_kib(self, client):
        """S65."""
        body = json.dumps({"phone": "9" * 65_536})

        problem(raw(client, body), 413, "payload_too_large")

    def test_no_token(self, client):
        answer = client.get("/auth/me")

        problem(answer, 401, "not_authenticated")
        assert answer["WWW-Authenticate"] == "Token"

    def test_bad_token(self, client):
        answer = client.get("/auth/me", HTTP_AUTHORIZATION="Token " + "0" * 64)

        problem(answer, 401, "not_authenticated")

    def test_lone_surrogate_and_control_characters(self, client):
        for text in (r"\ud800", r"\u0000", r"98765\n43210"):
            body = problem(
                raw(client, f'{{"phone":"{text}","app":"CUSTAP"}}'), 400, "validation_error"
            )
            assert body["errors"][0]["field"] == "phone"

    def test_every_bad_field_is_named(self, client):
        body = problem(raw(client, "{}"), 400, "validation_error")

        assert {error["field"] for error in body["errors"]} == {"phone", "app"}

    def test_our_own_fault_tells_nothing(self, client, monkeypatch):
        """S60."""
        from otp import services

        def fail(**kwargs):
            raise ZeroDivisionError("planted secret at line 7")

        monkeypatch.setattr(services, "request_code", fail)
        client.raise_request_exception = False

        answer = raw(client, '{"phone": "9876543210", "app": "CUSTAP"}')

        problem(answer, 500, "internal_error")
        assert "planted" not in answer.content.decode()

    def test_database_down_is_503_and_sends_nothing(self, client, wire):
        """S21."""

        def fail(*args):
            raise OperationalError("connection to server at 10.0.0.1 failed")

        with connection.execute_wrapper(fail):
            answer = raw(client, '{"phone": "9876543210", "app": "CUSTAP"}')

        problem(answer, 503, "service_unavailable")
        assert answer["Retry-After"] == "5"
        assert not wire.mock.calls


class TestCorrelation:
    def test_a_given_uuid_is_kept(self, client):
        given = str(uuid.uuid4())

        answer = client.get("/healthz", HTTP_X_REQUEST_ID=given)

        assert answer["X-Request-ID"] == answer.json()["correlationId"] == given

    @pytest.mark.parametrize("given", ["", "abc", "x" * 500, "1\r\nSet-Cookie: a=b"])
    def test_anything_else_is_replaced(self, client, given):
        answer = client.get("/healthz", HTTP_X_REQUEST_ID=given)

        assert uuid.UUID(answer["X-Request-ID"])
        assert answer["X-Request-ID"] != given
