"""What the fuzzed API holds, so that not every generated id leads to a 404; and who calls it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import AuthToken, User
from accounts.roles import Role
from accounts.sessions import issue_token, session_id
from documents.models import Document, State
from documents.tests.building import APP_OF_ROLE, World, make_document, make_world
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
        app = APP_OF_ROLE[Role(self.caller.role)]
        token = issue_token(user=self.caller, app=app, now=timezone.now()).token
        return {"Authorization": f"Token {token}"}

    def aim(self, case: Any) -> None:
        """Point half of the cases that are well formed at what there is."""
        if case.meta is None or case.meta.generation.mode.is_negative:
            return
        paths = case.path_parameters or {}
        for name, value in list(paths.items()):
            if len(str(value)) % 2 or isinstance(value, str) and value[:1] in "01234567":
                paths[name] = self._existing(name, value)
        body = case.body if isinstance(case.body, dict) else {}
        if str(body.get("challengeId", "f"))[0] in "01234567":
            body["challengeId"], body["otp"] = str(self._pick(self.challenges, body).pk), CODE
        if (case.query or {}).get("documentId"):
            case.query = {"documentId": str(self._pick(self.documents, case.query).pk)}

    def _existing(self, name: str, value: Any) -> str:
        if name == "reference_id":
            return self.world.reference.pk
        if name == "challenge_id":
            return str(self._pick(self.challenges, value).pk)
        if name == "session_id":
            own = AuthToken.objects.filter(user=self.caller).first()
            return str(session_id(own)) if own else str(uuid.UUID(int=0))
        return str(self._pick(self.documents, value).pk)

    def _pick(self, rows: list[Any], value: Any) -> Any:
        return rows[sum(str(value).encode()) % len(rows)]


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
        issue_token(user=user, app=APP_OF_ROLE[Role(user.role)], now=timezone.now())
    return Fuzzed(
        world=world,
        caller=user,
        documents=documents,
        challenges=[_challenge(app) for app in ("CUSTAP", "CPAPP")],
    )


def _challenge(app: str) -> Challenge:
    now = timezone.now()
    Phone.objects.get_or_create(phone_e164=PHONE, defaults={"last_request_at": now})
    challenge_id = uuid.uuid4()
    digest, pepper = codes.make_digest(challenge_id=challenge_id, phone_e164=PHONE, code=CODE)
    return Challenge.objects.create(
        id=challenge_id,
        phone_id=PHONE,
        app=app,
        code_digest=digest,
        pepper_id=pepper,
        state="accepted",
        client_address="127.0.0.1",
        created_at=now,
        accepted_at=now,
        expires_at=now + timedelta(hours=1),
        resend_at=now,
    )
