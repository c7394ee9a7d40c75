"""What the fuzzed API holds, so that not every generated id leads to a 404; and who calls it."""

from __future__ import annotations

import uuid
import zlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import AuthToken, User
from accounts.reset_links import make_link
from accounts.sessions import session_id
from accounts.testing import token_of
from documents.models import Document, State
from documents.tests.building import World, make_document, make_world
from otp import codes
from otp.models import Challenge, Phone

CALLERS = ("customer", "channel_partner", "kam", "admin")
PASSWORD = "a long enough passphrase"
PHONE = "+919876543210"
CODE = "123456"


@dataclass
class Fuzzed:
    """The rows, and the caller of the test that runs."""

    world: World
    caller: User | None
    documents: list[Document]
    challenges: list[Challenge]

    def token_header(self) -> dict[str, str]:
        """Return a token of the caller's own for one call: the last one may have been ended."""
        assert self.caller
        return {"Authorization": f"Token {token_of(self.caller)}"}

    def aim(self, case: Any) -> None:
        """Point most of the cases that are well formed at what there is."""
        if (
            case.meta is None
            or case.meta.generation.mode.is_negative
            or not _number_of(case.body) % 4
        ):
            return
        for name, value in (case.path_parameters or {}).items():
            if _number_of(value) % 4:
                case.path_parameters[name] = self._existing(name, value)
        if (case.query or {}).get("documentId"):
            case.query = {"documentId": str(self._pick(self.documents, case.query).pk)}
        if isinstance(case.body, dict) and _number_of(case.body) % 4:
            case.body.update(self._fitting(case.body))

    def _existing(self, name: str, value: Any) -> str:
        if name == "reference_id":
            return self.world.reference.pk
        if name == "challenge_id":
            return str(self._pick(self.challenges, value).pk)
        if name == "session_id":
            own = AuthToken.objects.filter(user=self.caller).first()
            return str(session_id(own)) if own else str(uuid.UUID(int=0))
        return str(self._pick(self.documents, value).pk)

    def _fitting(self, body: dict[str, Any]) -> dict[str, str]:
        """Return what makes a body right: a live code, a password, a fresh link."""
        if "challengeId" in body:
            return {"challengeId": str(self._pick(self.challenges, body).pk), "otp": CODE}
        kam = self.world.people["kam"]
        if "password" in body:
            body.pop("totp", None)
            return {"email": str(kam.email), "password": PASSWORD}
        if "newPassword" in body:
            uid, token = make_link(user=kam).rsplit("/", 2)[1:]
            return {"uid": uid, "token": token, "newPassword": body["newPassword"] + PASSWORD}
        return {}

    def _pick(self, rows: list[Any], value: Any) -> Any:
        return rows[_number_of(value) // 4 % len(rows)]


def _number_of(value: Any) -> int:
    return zlib.crc32(str(value).encode("utf-8", "replace"))


def make_fuzzed(caller: str) -> Fuzzed:
    """Fill an empty database: a case with its people, documents in all states, live codes."""
    world = make_world()
    for name, user in world.people.items():
        user.email = f"{name}@solarium.example"
        user.set_password(PASSWORD)
        user.save()
    documents = [
        make_document(uploader=uploader, doc_type=kind, reference=reference, state=state)
        for state in State
        for uploader, kind, reference in (
            (world.people["customer"], "KYC", None),
            (world.people["channel_partner"], "LEAD", world.reference),
            (world.people["kam"], "QUOTATION", world.reference),
        )
    ]
    user = world.people.get(caller)
    if user is not None:
        token_of(user)  # a session that the caller may list and end
    return Fuzzed(
        world=world,
        caller=user,
        documents=documents,
        challenges=[
            _challenge("CUSTAP"),
            _challenge("CPAPP"),
            _challenge("CUSTAP", undelivered_at=timezone.now(), undelivered_reason="Handset off"),
            _challenge("CUSTAP", delivered_at=timezone.now()),
            _challenge("CUSTAP", state="failed", failed_at=timezone.now()),
        ],
    )


def _challenge(app: str, **more: Any) -> Challenge:
    now = timezone.now()
    Phone.objects.get_or_create(phone_e164=PHONE, defaults={"last_request_at": now})
    challenge_id = uuid.uuid4()
    digest, pepper = codes.make_digest(challenge_id=challenge_id, phone_e164=PHONE, code=CODE)
    values = {
        "id": challenge_id,
        "phone_id": PHONE,
        "app": app,
        "code_digest": digest,
        "pepper_id": pepper,
        "state": "accepted",
        "client_address": "127.0.0.1",
        "created_at": now,
        "accepted_at": now,
        "expires_at": now + timedelta(hours=1),
        "resend_at": now,
    }
    return Challenge.objects.create(**values | more)
