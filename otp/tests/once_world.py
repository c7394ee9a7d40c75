"""Asking for a code with an ``Idempotency-Key``."""

from __future__ import annotations

URL = "/integrations/sendOTP"
BODY = {"phone": "+919876543210", "app": "CUSTAP"}
KEY = "5a9bf4f6-2f0a-4f2e-9a57-6a2a5f0f7c11"
YES = {"type": "success", "request_id": "34676b6d426b303131363537"}
NO = {"type": "error", "message": "no", "code": "201"}


def send(client, key=KEY, body=BODY, **headers):
    return client.post(URL, body, HTTP_IDEMPOTENCY_KEY=key, **headers)


def without_id(answer):
    return {**answer.json(), "correlationId": ""}
