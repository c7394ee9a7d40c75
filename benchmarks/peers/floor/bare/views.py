"""The same statements by the ORM and the same call as ours; no checks, no limits, no logs."""

from __future__ import annotations

import functools
import hashlib
import secrets
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import requests
from django.conf import settings
from django.db import connection
from django.db.models import F
from django.utils import timezone
from requests.adapters import HTTPAdapter
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bare.models import Call, Challenge, Phone, Token

OUR_POOL_MAX_SIZE = 512  # integrations/transport.py


@functools.cache
def session() -> requests.Session:
    """Return the process's one session, as lean as ours."""
    made = requests.Session()
    made.trust_env = False
    made.mount("http://", HTTPAdapter(pool_maxsize=OUR_POOL_MAX_SIZE, max_retries=0))
    return made


class HealthView(APIView):
    def get(self, request: Request) -> Response:
        return Response({"status": "ok"})


class SendView(APIView):
    """So many statements as ``SEND_STATEMENTS`` says, half of them before the call."""

    def post(self, request: Request) -> Response:
        phone, now = request.data["phone"], timezone.now()
        code = f"{secrets.randbelow(10**6):06d}"
        challenge = Challenge(
            phone_e164=phone,
            app=request.data["app"],
            code_digest=hashlib.sha256(code.encode()).hexdigest(),
            pepper_id="0" * 12,
            client_address="127.0.0.1",
            created_at=now,
        )
        call = Call(
            provider="msg91",
            operation="send_otp",
            recipient_masked=phone[-4:],
            recipient_fingerprint=hashlib.sha256(phone.encode()).hexdigest(),
            reference=f"otp:{challenge.id}",
            started_at=now,
        )
        before, after = _steps(challenge, call, phone=phone, now=now)
        for step in before:
            step()
        connection.close()  # to the pool, before the call
        call.provider_message_id = _send(phone, code)
        for step in after:
            step()
        return Response({"challengeId": str(challenge.id), "expiresIn": 120})


def _steps(
    challenge: Challenge, call: Call, *, phone: str, now: datetime
) -> tuple[list[Callable[[], object]], list[Callable[[], object]]]:
    """Return what runs before the call and after it; the most needed statements come first."""
    recent = Challenge.objects.filter(phone_e164=phone, created_at__gt=now - timedelta(days=1))
    every: list[tuple[str, Callable[[], object]]] = [
        ("before", lambda: challenge.save(force_insert=True)),
        ("after", lambda: _accept(challenge)),
        ("before", lambda: call.save(force_insert=True)),
        ("after", lambda: _finish(call)),
        ("before", lambda: list(recent)),
        ("before", lambda: _touch(phone, now)),
    ]
    chosen = every[: settings.SEND_STATEMENTS]
    return (
        [step for when, step in chosen if when == "before"],
        [step for when, step in chosen if when == "after"],
    )


def _touch(phone: str, now: datetime) -> None:
    Phone.objects.bulk_create(
        [Phone(phone_e164=phone, last_request_at=now)],
        update_conflicts=True,
        unique_fields=["phone_e164"],
        update_fields=["last_request_at"],
    )


def _accept(challenge: Challenge) -> None:
    now = timezone.now()
    Challenge.objects.filter(pk=challenge.pk, state="created").update(
        state="accepted", accepted_at=now, expires_at=now + timedelta(seconds=120)
    )


def _finish(call: Call) -> None:
    Call.objects.filter(pk=call.pk, outcome="started").update(
        outcome="accepted",
        attempts=[{"ms": 100}],
        provider_message_id=call.provider_message_id,
        finished_at=timezone.now(),
    )


def _send(phone: str, code: str) -> str:
    answer = session().post(
        f"{settings.GATEWAY_URL}/api/v5/otp",
        json={"template_id": "65f0aa11d6fc05bbbb000002", "mobile": phone[1:], "otp": code},
        headers={"authkey": "benchmark-msg91-key"},
        timeout=30,
    )
    return str(answer.json()["request_id"])


class VerifyView(APIView):
    """One select, one conditional update, one insert."""

    def post(self, request: Request) -> Response:
        now = timezone.now()
        challenge = Challenge.objects.get(pk=uuid.UUID(request.data["challengeId"]))
        digest = hashlib.sha256(request.data["otp"].encode()).hexdigest()
        won = Challenge.objects.filter(
            pk=challenge.pk, state="accepted", code_digest=digest, expires_at__gt=now
        ).update(state="verified", attempts=F("attempts") + 1, verified_at=now)
        if not won:
            return Response({"code": "otp_expired"}, status=410)
        token = secrets.token_hex(32)
        Token(
            digest=_digest(token), phone_e164=challenge.phone_e164, expiry=now + timedelta(days=30)
        ).save(force_insert=True)
        return Response({"token": token, "user": {"phone": challenge.phone_e164}})


class SASView(APIView):
    """One query, and an answer as large as ours; nothing is signed."""

    def get(self, request: Request) -> Response:
        token = Token.objects.get(digest=_digest(request.headers["Authorization"][6:]))
        answer: dict[str, Any] = {
            "documentId": str(uuid.uuid4()),
            "sasUrl": "https://bench.blob.core.windows.net/docs/" + "x" * 300,
            "method": "PUT",
            "headers": {"x-ms-blob-type": "BlockBlob", "Content-Type": "application/pdf"},
            "path": token.phone_e164,
            "expiresAt": timezone.now().isoformat(),
        }
        return Response(answer)


def _digest(token: str) -> str:
    return hashlib.sha512(token.encode()).hexdigest()
